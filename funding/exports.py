"""A simulated schedule as a spreadsheet, a CSV file and a calendar: the same lines as on screen."""

from collections.abc import Mapping
from datetime import datetime

from icalendar import Calendar, Event

from core.spreadsheets.writing import Column, Sheet, Value, write_csv, write_xlsx
from core.ui.formatting import euros, long_date
from funding.domain.assumptions import assumptions
from funding.domain.simulation import SimulationResult
from funding.engine import DueDate, Instalment, PaymentSchedule, Totals
from funding.enums import KIND_LABELS, SHARE_LABELS, payment_words

_LINE_COLUMNS = (
    Column("Échéance", kind="date", width=12),
    Column("Payable au plus tard le", kind="date", width=14),
    Column("Année de contrat", kind="integer", width=10),
    Column("Mission", width=34),
    Column("Part", width=16),
    Column("Versement", width=18),
    Column("Montant", kind="euros", width=16, total=True),
    Column("Explication", width=110),
)
_SHARE_COLUMNS = tuple(Column(label, kind="euros", width=16, total=True) for label in SHARE_LABELS.values())
_TOTAL_COLUMN = Column("Total", kind="euros", width=16, total=True)


def schedule_xlsx(result: SimulationResult, *, address: str, now: datetime) -> bytes:
    """Return the workbook: lines, sums by contract year and by civil year, assumptions.

    `address` is the link that shows the simulation again; `now` dates the file.
    """
    schedule = result.schedule
    sheets = (
        _lines_sheet(schedule),
        _sums_sheet("Par année de contrat", "Année de contrat", schedule.by_contract_year()),
        _sums_sheet("Par année civile", "Année civile", schedule.by_calendar_year()),
        _assumptions_sheet(result, address),
    )
    return write_xlsx(sheets, created=now)


def schedule_csv(result: SimulationResult) -> bytes:
    """Return the lines of the schedule, French conventions (`;`, decimal comma, dd/mm/yyyy)."""
    return write_csv(_lines_sheet(result.schedule))


def schedule_ics(result: SimulationResult, *, address: str, series: str, now: datetime) -> bytes:
    """Return a calendar with one all-day event per due date.

    `series` identifies the simulation: imported twice, it updates its events instead of doubling them.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//CPTS//Echeancier ACI//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Échéancier ACI simulé")
    for due in result.schedule.due_dates:
        event = Event()
        event.add("uid", f"{series}-{due.day:%Y%m%d}@echeancier-aci")
        event.add("dtstamp", now)
        event.add("dtstart", due.day)
        event.add("summary", f"Versement ACI simulé\u00a0: {euros(due.amount)}")
        event.add("description", _event_text(due, address))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def _event_text(due: DueDate[Instalment], address: str) -> str:
    details = (
        f"{line.explanation.entitlement.mission_label}, {payment_words(line.share, line.kind).lower()}, "
        f"année {line.contract_year}\u00a0: {euros(line.amount)}"
        for line in due.lines
    )
    return "\n".join([f"Payable au plus tard le {long_date(due.payable_by)}.", *details, address])


def _lines_sheet(schedule: PaymentSchedule) -> Sheet:
    return Sheet("Échéancier", _LINE_COLUMNS, [_line_row(line) for line in schedule.instalments])


def _line_row(line: Instalment) -> tuple[Value, ...]:
    return (
        line.due_on,
        line.payable_by,
        line.contract_year,
        line.explanation.entitlement.mission_label,
        SHARE_LABELS[line.share],
        KIND_LABELS[line.kind],
        line.amount,
        line.explanation.text,
    )


def _sums_sheet(name: str, label: str, totals_by_year: Mapping[int, Totals]) -> Sheet:
    # A year is a name, not a quantity: "2 024" would be wrong.
    columns = (Column(label, width=18), *_SHARE_COLUMNS, _TOTAL_COLUMN)
    rows = [
        (str(year), totals.operating, totals.fixed, totals.variable, totals.total)
        for year, totals in totals_by_year.items()
    ]
    return Sheet(name, columns, rows)


def _assumptions_sheet(result: SimulationResult, address: str) -> Sheet:
    columns = (Column("Hypothèse", width=40), Column("Valeur", width=90))
    return Sheet("Hypothèses", columns, [*assumptions(result), ("Adresse de la simulation", address)])
