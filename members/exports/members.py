"""The members of a registry as a spreadsheet."""

from collections.abc import Iterable, Sequence

from core.spreadsheets.writing import Column, Sheet
from members.domain.columns import COLUMNS
from members.models import Member


def member_list(members: Iterable[Member], names: Sequence[str]) -> Sheet:
    """Return these members, which `for_columns` loaded, under these columns: nothing but a header and rows.

    With every name of COLUMNS, it is the form that the import reads back.
    """
    columns = [COLUMNS[name] for name in names]
    shown = [column.shown for column in columns]
    return Sheet(
        name="Membres",
        columns=[Column(column.label, column.kind, column.width) for column in columns],
        rows=[[show(member) for show in shown] for member in members],
    )
