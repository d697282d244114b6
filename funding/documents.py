"""Contexts of the PDF documents about money."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
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
    days = groupby(schedule.instalments, key=lambda line: line.due_on)
    totals = schedule.by_date()
    return [_due_date(day, list(lines), totals[day]) for day, lines in days]


def _due_date(day: date, lines: Sequence[Instalment], total: Decimal) -> dict[str, Any]:
    return {
        "due_on": day,
        "payable_by": max(line.payable_by for line in lines),
        "lines": [line_context(line) for line in lines],
        "total": total,
    }


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
