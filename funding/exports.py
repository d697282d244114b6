"""A schedule as a spreadsheet, a CSV file and a calendar: the same lines as on screen.

A simulation and the statement of a contract are printed by the same functions; they differ by where their
lines come from, and by what is known of those of a contract: what became of each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event

from core.spreadsheets.writing import Column, Sheet, Value, write_csv, write_xlsx
from core.ui.formatting import euros, long_date
from funding.domain.assumptions import assumptions
from funding.domain.followed_lines import FollowedLine
from funding.domain.simulation import SimulationResult
from funding.engine import (
    DueDate,
    ScheduleLine,
    Totals,
    by_calendar_year,
    by_contract_year,
    due_dates,
    lines_of,
)
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
_STATE_COLUMNS = (Column("État", width=12), Column("Reçu le", kind="date", width=12))
_SHARE_COLUMNS = tuple(Column(label, kind="euros", width=16, total=True) for label in SHARE_LABELS.values())
_TOTAL_COLUMN = Column("Total", kind="euros", width=16, total=True)


@dataclass(frozen=True)
class CalendarWords:
    """What a calendar says of itself: its name, the title of an event before its amount, where to look."""

    name: str
    event: str
    address: str


def simulation_xlsx(result: SimulationResult, *, address: str, now: datetime) -> bytes:
    """Return the workbook of a simulation: lines, sums by contract year and by civil year, assumptions.

    `address` is the link that shows the simulation again; `now` dates the file.
    """
    lines = lines_of(result.schedule)
    about = [*assumptions(result), ("Adresse de la simulation", address)]
    return _workbook(_lines_sheet(lines), lines, _about_sheet("Hypothèses", "Hypothèse", about), now)


def simulation_csv(result: SimulationResult) -> bytes:
    """Return the lines of the schedule, French conventions (`;`, decimal comma, dd/mm/yyyy)."""
    return write_csv(_lines_sheet(lines_of(result.schedule)))


def simulation_ics(result: SimulationResult, *, address: str, series: str, now: datetime) -> bytes:
    """Return a calendar with one all-day event per due date.

    `series` identifies the simulation: imported twice, it updates its events instead of doubling them.
    """
    words = CalendarWords("Échéancier ACI simulé", "Versement ACI simulé", address)
    return _calendar(lines_of(result.schedule), words, series=series, now=now)


def followed_xlsx(
    lines: Sequence[FollowedLine], *, provenance: Sequence[tuple[str, str]], now: datetime
) -> bytes:
    """Return the workbook of these lines of a statement: lines, sums by year, where they come from."""
    about = _about_sheet("Provenance", "Donnée", provenance)
    return _workbook(_followed_sheet(lines), lines, about, now)


def followed_csv(lines: Sequence[FollowedLine]) -> bytes:
    """Return these lines of a statement, French conventions."""
    return write_csv(_followed_sheet(lines))


def followed_ics(lines: Sequence[FollowedLine], words: CalendarWords, *, series: str, now: datetime) -> bytes:
    """Return a calendar of the due dates of these lines; `series` identifies the contract, as above."""
    return _calendar(lines, words, series=series, now=now)


def _workbook(listing: Sheet, lines: Sequence[ScheduleLine], about: Sheet, now: datetime) -> bytes:
    sheets = (
        listing,
        _sums_sheet("Par année de contrat", "Année de contrat", by_contract_year(lines)),
        _sums_sheet("Par année civile", "Année civile", by_calendar_year(lines)),
        about,
    )
    return write_xlsx(sheets, created=now)


def _lines_sheet(lines: Sequence[ScheduleLine]) -> Sheet:
    return Sheet("Échéancier", _LINE_COLUMNS, [_line_row(line) for line in lines])


def _followed_sheet(lines: Sequence[FollowedLine]) -> Sheet:
    rows = [(*_line_row(line), line.state.label, line.received_on) for line in lines]
    return Sheet("Échéancier", _LINE_COLUMNS + _STATE_COLUMNS, rows)


def _line_row(line: ScheduleLine) -> tuple[Value, ...]:
    return (
        line.due_on,
        line.payable_by,
        line.contract_year,
        line.mission_label,
        SHARE_LABELS[line.share],
        KIND_LABELS[line.kind],
        line.amount,
        line.explanation,
    )


def _sums_sheet(name: str, label: str, totals_by_year: Mapping[int, Totals]) -> Sheet:
    # A year is a name, not a quantity: "2 024" would be wrong.
    columns = (Column(label, width=18), *_SHARE_COLUMNS, _TOTAL_COLUMN)
    rows = [
        (str(year), totals.operating, totals.fixed, totals.variable, totals.total)
        for year, totals in totals_by_year.items()
    ]
    return Sheet(name, columns, rows)


def _about_sheet(name: str, label: str, rows: Sequence[tuple[str, str]]) -> Sheet:
    return Sheet(name, (Column(label, width=40), Column("Valeur", width=90)), rows)


def _calendar(lines: Sequence[ScheduleLine], words: CalendarWords, *, series: str, now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//CPTS//Echeancier ACI//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", words.name)
    for due in due_dates(lines):
        event = Event()
        event.add("uid", f"{series}-{due.day:%Y%m%d}@echeancier-aci")
        event.add("dtstamp", now)
        event.add("dtstart", due.day)
        event.add("summary", f"{words.event}\u00a0: {euros(due.amount)}")
        event.add("description", _event_text(due, words.address))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def _event_text(due: DueDate[ScheduleLine], address: str) -> str:
    details = (
        f"{line.mission_label}, {payment_words(line.share, line.kind).lower()}, "
        f"année {line.contract_year}\u00a0: {euros(line.amount)}"
        for line in due.lines
    )
    return "\n".join([f"Payable au plus tard le {long_date(due.payable_by)}.", *details, address])
