"""Reads the table of a file sent by a person: XLSX, ODS or CSV, told apart by content, never by name."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

import python_calamine

from core.spreadsheets.errors import SpreadsheetError
from core.spreadsheets.guard import DAMAGED, Limits, check_archive, check_cells, opened_archive

__all__ = ["Cell", "Limits", "Line", "SpreadsheetError", "Table", "cell_text", "read_lines", "read_table"]

Cell = str | int | float | bool | date | datetime | time | timedelta
_SEPARATORS = ";,\t|"
_SAMPLE_LINES = 20
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = (
    "Ce classeur est protégé par un mot de passe. Enregistrez-en une copie sans mot de passe et recommencez."
)
_OLD = (
    "Ce fichier est au format Excel 97-2003 (.xls). Ouvrez-le dans votre tableur, enregistrez-le au format "
    ".xlsx, .ods ou .csv et recommencez."
)
_NOT_A_TABLE = (
    "Ce fichier n’est pas un tableau lisible\u00a0: envoyez un classeur .xlsx ou .ods, ou un fichier .csv."
)
_EMPTY = "Ce fichier ne contient aucune ligne."


@dataclass(frozen=True)
class Line:
    """One row that is not blank, with its number as the spreadsheet shows it (from 1)."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A header and its rows; `lines` holds the number of each row in the file, in the same order."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[int, ...]


def read_table(file: BinaryIO, *, filename: str, limits: Limits | None = None) -> Table:
    """Return the first sheet of `file`, its first filled row taken as headers.

    Every row is padded to the width of the header. Raises SpreadsheetError with a French sentence.
    """
    header, *lines = read_lines(file, filename=filename, limits=limits)
    width = max(len(header.cells), max((len(line.cells) for line in lines), default=0))
    return Table(
        headers=tuple(cell_text(cell) for cell in _padded(header.cells, width)),
        rows=tuple(_padded(line.cells, width) for line in lines),
        lines=tuple(line.number for line in lines),
    )


def read_lines(file: BinaryIO, *, filename: str, limits: Limits | None = None) -> list[Line]:
    """Return the filled rows of the first sheet of `file`; at least one.

    Formulas come as the value they had when the file was saved. Raises SpreadsheetError with a French
    sentence when the file is too large, hostile, of another kind, encrypted, unreadable or empty.
    """
    limits = limits or Limits()
    content = file.read(limits.max_bytes + 1)
    if len(content) > limits.max_bytes:
        size = limits.max_bytes // (1024 * 1024)
        raise SpreadsheetError(
            f"Ce fichier dépasse {size}\u00a0Mo. Gardez seulement les lignes utiles et recommencez."
        )
    rows = _workbook_rows(content, limits) if _is_workbook(content) else _csv_rows(content, filename, limits)
    lines = list(_filled(rows, limits))
    if not lines:
        raise SpreadsheetError(_EMPTY)
    return lines


def cell_text(cell: Cell) -> str:
    """Return a cell as a person reads it: no trailing .0 on whole numbers, dates as dd/mm/yyyy, trimmed."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return " ".join(str(cell).replace("\x00", "").split())


def _is_workbook(content: bytes) -> bool:
    if content.startswith(_OLD_OFFICE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise SpreadsheetError(_ENCRYPTED if encrypted else _OLD)
    return content.startswith(b"PK\x03\x04")


def _workbook_rows(content: bytes, limits: Limits) -> Iterable[Sequence[Cell]]:
    with opened_archive(content) as archive:
        check_archive(archive, limits)
        _check_kind(archive)
        check_cells(archive, limits)
    try:
        with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            limits.check_rows(sheet.total_height)
            return sheet.to_python(skip_empty_area=False)
    except python_calamine.PasswordError as error:
        raise SpreadsheetError(_ENCRYPTED) from error
    except (python_calamine.CalamineError, ValueError, IndexError) as error:
        raise SpreadsheetError(DAMAGED) from error


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return
    if "mimetype" not in names or archive.getinfo("mimetype").file_size > 100:
        raise SpreadsheetError(_NOT_A_TABLE)
    if archive.read("mimetype").strip() != _ODS_TYPE:
        raise SpreadsheetError(_NOT_A_TABLE)
    # An encrypted part is not XML: say what is wrong before the scan calls it damaged.
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise SpreadsheetError(_ENCRYPTED)


def _csv_rows(content: bytes, filename: str, limits: Limits) -> Iterator[Sequence[Cell]]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        for row in reader:
            limits.check_columns(len(row))
            yield row
    except csv.Error as error:
        raise SpreadsheetError(
            f"Le fichier «\u00a0{filename}\u00a0» n’est pas un CSV lisible. {_NOT_A_TABLE}"
        ) from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in content or content.startswith((b"%PDF", b"\x1f\x8b")):
        raise SpreadsheetError(_NOT_A_TABLE)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpreadsheetError(_NOT_A_TABLE)


def _separator(text: str) -> str:
    """Return the separator that cuts the first lines into the same number of columns most often."""
    sample = [line for line in text[:100_000].splitlines() if line.strip()][:_SAMPLE_LINES]

    def regularity(separator: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(sample, delimiter=separator)]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual), usual) if usual > 1 else (0, 1)

    return max(_SEPARATORS, key=regularity)


def _filled(rows: Iterable[Sequence[Cell]], limits: Limits) -> Iterator[Line]:
    for number, row in enumerate(rows, start=1):
        limits.check_rows(number)
        cells = tuple(row)
        if any(cell_text(cell) for cell in cells):
            yield Line(number, cells)


def _padded(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    return cells + ("",) * (width - len(cells))
