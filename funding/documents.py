"""Contexts of the PDF documents about money."""

from collections.abc import Sequence, Set
from datetime import date
from typing import Any

from core.territories.domain.selection import TerritorySelection
from funding.charts import calendar_year_chart, contract_year_chart
from funding.engine import (
    DueDate,
    LineDifference,
    LineKey,
    PaymentSchedule,
    ScheduleLine,
    by_calendar_year,
    by_contract_year,
    due_dates,
    lines_of,
    total_amount,
    total_delta,
)
from funding.enums import payment_words
from funding.models import Statement


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


def statement_context(
    statement: Statement,
    *,
    lines: Sequence[ScheduleLine],
    received: Set[LineKey],
    changes: Sequence[LineDifference],
) -> dict[str, Any]:
    """Return what `documents/statement.html` prints of a stored statement: its lines, summed by the engine.

    In: its lines in order, those that had come in when it was established, and what it changed.
    """
    contract_years, calendar_years = by_contract_year(lines), by_calendar_year(lines)
    territory = statement.parties["territory"]
    return {
        "statement": statement,
        "parties": statement.parties,
        "signed_on": date.fromisoformat(statement.inputs["signed_on"]),
        "ends_on": date.fromisoformat(statement.parties["contract"]["ends_on"]),
        "territory_since": date.fromisoformat(territory["starts_on"]) if territory else None,
        "contract_years": contract_years,
        "calendar_years": calendar_years,
        "contract_year_chart": contract_year_chart(contract_years),
        "calendar_year_chart": calendar_year_chart(calendar_years),
        "due_dates": [_with_received(due, received) for due in due_dates(lines)],
        "received_total": total_amount(line for line in lines if line.key in received),
        "adjustments": [_adjustment_context(line, line.settles) for line in lines if line.settles],
        "is_first": statement.version == 1,
        "previous_version": statement.version - 1,
        "changes": [_change_context(change) for change in changes],
        "delta": total_delta(changes),
    }


def _with_received(due: DueDate[ScheduleLine], received: Set[LineKey]) -> dict[str, Any]:
    words = due_date_context(due)
    pairs = zip(words["lines"], due.lines, strict=True)
    return words | {"lines": [said | {"received": line.key in received} for said, line in pairs]}


def _adjustment_context(line: ScheduleLine, settled: LineKey) -> dict[str, Any]:
    words = {"due_on": line.due_on, "settled": payment_words(settled.share, settled.kind)}
    return _line_context(line) | words


def _change_context(change: LineDifference) -> dict[str, Any]:
    return {
        **_line_context(change.line),
        "before": change.before,
        "after": change.after,
        "delta": change.delta,
    }
