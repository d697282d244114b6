"""The rows of a file of members: read once behind the guard, kept compressed until they are written."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from core.spreadsheets.errors import SpreadsheetError
from core.spreadsheets.reading import Limits, cell_text, read_table
from core.spreadsheets.writing import restored

MOST_ROWS = 20_000
"""Rows of one file: the largest registry to plan for is half of it."""
LIMITS = Limits(
    max_bytes=8 * 1024 * 1024, max_rows=MOST_ROWS + 1, max_columns=100, max_unpacked_bytes=120 * 1024 * 1024
)
# Longer than any column of the registry: such a cell is refused all the same.
_LONGEST_CELL = 500


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it was read: its number in the file, the text of each of its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file as it was read: one header for each column, its rows."""

    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_file(file: BinaryIO, *, filename: str) -> SheetFile:
    """Return what a spreadsheet says, XLSX, ODS or CSV; raises SpreadsheetError with a French sentence."""
    table = read_table(file, filename=filename, limits=LIMITS)
    rows = tuple(
        SheetRow(number, tuple(restored(cell_text(cell))[:_LONGEST_CELL] for cell in cells))
        for number, cells in zip(table.lines, table.rows, strict=True)
    )
    if not rows:
        raise SpreadsheetError("Ce fichier a des en-têtes mais aucune ligne de membre.")
    return SheetFile(tuple(header[:_LONGEST_CELL] for header in table.headers), rows)


def packed(rows: Iterable[SheetRow]) -> bytes:
    """Return rows as they are kept."""
    return zlib.compress(json.dumps([[row.number, row.cells] for row in rows]).encode())


def unpacked(content: bytes) -> list[SheetRow]:
    """Return kept rows."""
    return [SheetRow(number, tuple(cells)) for number, cells in json.loads(zlib.decompress(content))]


def column_name(headers: Sequence[str], index: int) -> str:
    """Return how people find a column: its header, else its letter."""
    letters, rest = "", index + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return headers[index] or f"Colonne {letters}"
