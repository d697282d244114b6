"""The calls of a year as a spreadsheet, for the accountant."""

from collections.abc import Iterable
from typing import Any

from core.spreadsheets.writing import Column, Sheet
from members.enums import FeeState

_COLUMNS = (
    Column("Appel", width=12),
    Column("N° au registre", kind="integer", width=12),
    Column("Membre", width=34),
    Column("Catégorie", width=18),
    Column("Appelé le", kind="date", width=12),
    Column("À payer avant le", kind="date", width=14),
    Column("Appelé", kind="euros", width=14),
    Column("Reçu", kind="euros", width=14),
    Column("Reste", kind="euros", width=14),
    Column("État", width=16),
)


def call_list(calls: Iterable[Any], year: int) -> Sheet:
    """Return the sheet of these calls, which `wanted_calls` read: nothing but a header and rows."""
    return Sheet(name=f"Cotisations {year}", columns=_COLUMNS, rows=[_row(call) for call in calls])


def _row(call: Any) -> list[Any]:
    expected = 0 if call.state in (FeeState.CANCELLED, FeeState.EXEMPT) else call.remaining
    return [
        str(call),
        call.member.number,
        call.member.name,
        call.scale.get_category_display(),
        call.called_on,
        call.due_on,
        call.amount,
        call.paid,
        expected,
        FeeState(call.state).label,
    ]
