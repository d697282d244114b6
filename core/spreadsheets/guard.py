"""Refuses hostile workbooks before the fast reader touches them.

A reader written for speed trusts what the file says: it unpacks every part and allocates the rectangle
between the first and the last cell. A few kilobytes can thus ask for gigabytes. Everything here is
decided while streaming, with memory bounded by `Limits`.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from xml.parsers import expat

from core.spreadsheets.errors import SpreadsheetError

_CHUNK = 1 << 16
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
_EXCEL_VALUE = ("v", "is", "f")
_ODS_CELL = ("table-cell", "covered-table-cell")
TOO_BIG = (
    "Ce classeur est trop volumineux une fois décompressé. Gardez la seule feuille utile, "
    "enregistrez-la dans un nouveau fichier et recommencez."
)
DAMAGED = "Ce classeur est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le et recommencez."


@dataclass(frozen=True)
class Limits:
    """What a file may weigh: bytes sent, bytes once unpacked, parts, and the size of the table."""

    max_bytes: int = 5 * 1024 * 1024
    max_unpacked_bytes: int = 50 * 1024 * 1024
    max_ratio: int = 200
    max_parts: int = 1000
    max_rows: int = 20_000
    max_columns: int = 200
    max_text: int = 50_000_000

    def check_rows(self, count: int) -> None:
        """Refuse more than `max_rows` rows."""
        if count > self.max_rows:
            raise SpreadsheetError(
                f"Ce fichier contient plus de {_thousands(self.max_rows)} lignes. "
                "Gardez seulement les lignes utiles et recommencez."
            )

    def check_columns(self, count: int) -> None:
        """Refuse more than `max_columns` columns."""
        if count > self.max_columns:
            raise SpreadsheetError(
                f"Ce fichier contient plus de {self.max_columns} colonnes. "
                "Gardez seulement les colonnes utiles et recommencez."
            )


def check_archive(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse an archive whose declared sizes are excessive; costs no decompression."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > limits.max_parts or unpacked > limits.max_unpacked_bytes:
        raise SpreadsheetError(TOO_BIG)
    # Small files compress very well without being hostile: the ratio counts from one megabyte on.
    if unpacked > 1_000_000 and unpacked > limits.max_ratio * max(packed, 1):
        raise SpreadsheetError(TOO_BIG)


def check_cells(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse a workbook whose cells would fill a table beyond `limits`.

    Reads every XML part to its end, which also proves the declared sizes: a part longer than it says
    fails its checksum.
    """
    strings = _StringLengths()
    names = sorted((name for name in archive.namelist() if _is_xml(name)), key=_strings_first)
    for name in names:
        scan = strings if _strings_first(name) == 0 else _CellScan(limits, strings.lengths)
        _parse(archive, name, scan)


def _is_xml(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in {".xml", ".rels"}


def _strings_first(name: str) -> int:
    return 0 if PurePosixPath(name).name.lower() == "sharedstrings.xml" else 1


def _parse(archive: zipfile.ZipFile, name: str, scan: "_StringLengths | _CellScan") -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    try:
        with archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
        raise SpreadsheetError(DAMAGED) from error


class _StringLengths:
    """Length of each shared string of an XLSX workbook, in order."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if _local(name) == "si":
            self.lengths.append(0)

    def end(self, name: str) -> None:
        """Nothing to close."""

    def text(self, data: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(data)


class _CellScan:
    """Follows the cells of one part, XLSX (`row`, `c`) or ODS (`table-row`, `table-cell`)."""

    def __init__(self, limits: Limits, string_lengths: list[int]) -> None:
        self.limits = limits
        self.string_lengths = string_lengths
        self.text_length = 0
        self.rows = 0
        self.columns = 0
        self.row_repeat = 1
        self.cell_repeat = 1
        self.cell_text = 0
        self.shared = False
        self.reference = "A1"
        self.row_filled = False
        self.row_text = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "c":
            self._open_excel_cell(attributes)
        elif local in _EXCEL_VALUE:
            self._check_excel_position()
        elif local == "Relationship":
            _check_relationship(attributes)
        elif local == "table":
            self.rows = 0
        elif local == "table-row":
            self._open_row(attributes)
        elif local in _ODS_CELL:
            self._open_cell(attributes)

    def end(self, name: str) -> None:
        local = _local(name)
        if local == "c":
            self._close_excel_cell()
        elif local in _ODS_CELL:
            self._close_cell()
        elif local == "table-row":
            self._close_row()

    def text(self, data: str) -> None:
        index = data.strip()
        if self.shared and index.isdecimal() and int(index) < len(self.string_lengths):
            self.cell_text += self.string_lengths[int(index)]
        else:
            self.cell_text += len(data)

    def _open_excel_cell(self, attributes: Mapping[str, str]) -> None:
        self.cell_text = 0
        self.shared = attributes.get("t") == "s"
        self.reference = attributes.get("r", "A1")

    def _check_excel_position(self) -> None:
        # A cell with a style and no value (a formatted column) weighs nothing: only values are placed.
        match = _CELL.match(self.reference)
        if match is None:
            raise SpreadsheetError(DAMAGED)
        letters, row = match.groups()
        self.limits.check_columns(_column_number(letters))
        self.limits.check_rows(int(row))

    def _close_excel_cell(self) -> None:
        self._spend(self.cell_text)
        self.cell_text = 0
        self.shared = False

    def _open_row(self, attributes: Mapping[str, str]) -> None:
        self.row_repeat = _repeat(attributes, "number-rows-repeated")
        self.columns = 0
        self.row_filled = False
        self.row_text = 0

    def _open_cell(self, attributes: Mapping[str, str]) -> None:
        self.cell_repeat = _repeat(attributes, "number-columns-repeated")
        self.cell_text = sum(len(value) for key, value in attributes.items() if _local(key).endswith("value"))

    def _close_cell(self) -> None:
        # Spreadsheets pad their rows with one empty cell repeated to the edge: only filled cells count.
        self.columns += self.cell_repeat
        if self.cell_text:
            self.limits.check_columns(self.columns)
            self.row_filled = True
            self.row_text += self.cell_text * self.cell_repeat
            self.cell_text = 0

    def _close_row(self) -> None:
        self.rows += self.row_repeat
        if self.row_filled:
            self.limits.check_rows(self.rows)
            self._spend(self.row_text * self.row_repeat)

    def _spend(self, length: int) -> None:
        self.text_length += length
        if self.text_length > self.limits.max_text:
            raise SpreadsheetError(TOO_BIG)


def _check_relationship(attributes: Mapping[str, str]) -> None:
    # Sheets are found through relationships: one stored under another name would escape the scan.
    if attributes.get("Type", "").endswith("/worksheet") and not _is_xml(attributes.get("Target", "")):
        raise SpreadsheetError(DAMAGED)


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    """Return a name without its prefix: readers match on local names too."""
    return name.rpartition(":")[2]


def _repeat(attributes: Mapping[str, str], key: str) -> int:
    return max((_whole(value) for name, value in attributes.items() if _local(name) == key), default=1)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise SpreadsheetError(DAMAGED)
    return int(text)


@lru_cache(maxsize=1024)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
