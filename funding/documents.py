"""Contexts of the PDF documents about money."""

from collections.abc import Sequence
from typing import Any

from core.territories.domain.selection import TerritorySelection
from funding.charts import calendar_year_chart, contract_year_chart
from funding.engine import DueDate, PaymentSchedule, ScheduleLine, due_dates, lines_of
from funding.enums import payment_words


def schedule_context(
    schedule: PaymentSchedule,
    *,
    assumptions: Sequence[tuple[str, str]],
    warnings: Sequence[str],
    territory: TerritorySelection | None,
    address: str,
) -> dict[str, Any]:
    """Return what `documents/schedule.html` prints: the figures of the engine, never a sum of its own."""
    contract_years, calendar_years = schedule.by_contract_year(), schedule.by_calendar_year()
    return {
        "schedule": schedule,
        "ends_on": schedule.years[-1].next_anniversary,
        "assumptions": assumptions,
        "warnings": warnings,
        "territory": territory,
        "address": address,
        "contract_year_chart": contract_year_chart(contract_years),
        "calendar_year_chart": calendar_year_chart(calendar_years),
        "contract_years": contract_years,
        "calendar_years": calendar_years,
        "due_dates": [due_date_context(due) for due in due_dates(lines_of(schedule))],
        "baremes": list({year.bareme.code: year.bareme for year in schedule.years}.values()),
    }


def due_date_context(due: DueDate[ScheduleLine]) -> dict[str, Any]:
    """Return what falls due on one day as tables print it, on screen and on paper."""
    return {
        "due_on": due.day,
        "payable_by": due.payable_by,
        "lines": [_line_context(line) for line in due.lines],
        "total": due.amount,
    }


def _line_context(line: ScheduleLine) -> dict[str, Any]:
    return {
        "contract_year": line.contract_year,
        "mission": line.mission_label,
        "payment": payment_words(line.share, line.kind),
        "amount": line.amount,
        "explanation": line.explanation,
    }
