"""Contexts of the PDF documents about money."""

from collections.abc import Sequence
from typing import Any

from core.territories.domain.selection import TerritorySelection
from funding.charts import calendar_year_chart, contract_year_chart
from funding.engine import Instalment, PaymentSchedule
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
    return {
        "schedule": schedule,
        "ends_on": schedule.years[-1].next_anniversary,
        "assumptions": assumptions,
        "warnings": warnings,
        "territory": territory,
        "address": address,
        "contract_year_chart": contract_year_chart(schedule),
        "calendar_year_chart": calendar_year_chart(schedule),
        "contract_years": schedule.by_contract_year(),
        "calendar_years": schedule.by_calendar_year(),
        "due_dates": _due_dates(schedule),
        "baremes": list({year.bareme.code: year.bareme for year in schedule.years}.values()),
    }


def _due_dates(schedule: PaymentSchedule) -> list[dict[str, Any]]:
    lines_by_day: dict[Any, list[dict[str, Any]]] = {}
    for line in schedule.instalments:
        lines_by_day.setdefault(line.due_on, []).append(line_context(line))
    totals = schedule.by_date()
    return [
        {
            "due_on": day,
            "payable_by": max(line["payable_by"] for line in lines),
            "lines": lines,
            "total": totals[day],
        }
        for day, lines in lines_by_day.items()
    ]


def line_context(line: Instalment) -> dict[str, Any]:
    """Return one line of a schedule as tables print it, on screen and on paper."""
    return {
        "payable_by": line.payable_by,
        "contract_year": line.contract_year,
        "mission": line.explanation.entitlement.mission_label,
        "payment": payment_words(line.share, line.kind),
        "amount": line.amount,
        "explanation": line.explanation.text,
    }
