"""Refuses hostile workbooks before the fast reader touches them.

A reader written for speed trusts what the file says: it unpacks every part and allocates the rectangle
between the first and the last cell. A few kilobytes can thus ask for gigabytes. Everything here is
decided while streaming, with memory bounded by `Limits`.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from xml.parsers import expat

from core.spreadsheets.errors import SpreadsheetError

_CHUNK = 1 << 16
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
# Workbooks are made with these two; others would let a few bytes ask for gigabytes of dictionary.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# What zipfile raises on bytes that were tampered with: it documents the first one only.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    KeyError,
)
_EXCEL_VALUE = ("v", "is", "f")
_ODS_CELL = ("table-cell", "covered-table-cell")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What a cell takes in memory beside its text, counted as characters.
_CELL_WEIGHT = 24
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


@contextmanager
def opened_archive(content: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a workbook's archive; whatever fails on its bytes is refused as damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except _BROKEN as error:
        raise SpreadsheetError(DAMAGED) from error


def check_archive(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse an archive whose declared sizes are excessive; costs no decompression."""
    parts = archive.infolist()
    if len(archive.NameToInfo) < len(parts) or not _METHODS.issuperset(part.compress_type for part in parts):
        # Of two parts of the same name, readers do not agree on which one counts.
        raise SpreadsheetError(DAMAGED)
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
    # The fast reader takes every part for UTF-8: in another encoding it would read another document.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _check_doctype
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    try:
        with archive.open(name) as part:
            chunk = part.read(_CHUNK)
            if chunk.startswith(_UTF_16):
                raise SpreadsheetError(DAMAGED)
            while chunk:
                parser.Parse(chunk, False)
                chunk = part.read(_CHUNK)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SpreadsheetError(DAMAGED) from error


def _check_doctype(_name: str, _system: str | None, _public: str | None, has_declarations: bool) -> None:
    # Entities and default attributes are for expat only: the fast reader would see another document.
    if has_declarations:
        raise SpreadsheetError(DAMAGED)


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
        self.row = 1
        self.column = 0
        self.cell_row = 1
        self.inside_cell = False
        self.width = 0
        self.height = 0
        self.area = 0
        self.row_filled = False
        self.row_text = 0
        self.starts: dict[str, Callable[[Mapping[str, str]], None]] = {
            "c": self._open_excel_cell,
            **dict.fromkeys(_EXCEL_VALUE, self._check_excel_position),
            "row": self._open_excel_row,
            **dict.fromkeys(_ODS_CELL, self._open_cell),
            "table-row": self._open_row,
            "s": self._add_blanks,
            "table": self._open_table,
            "Relationship": _check_relationship,
        }
        self.ends: dict[str, Callable[[], None]] = {
            "c": self._close_excel_cell,
            "row": self._close_excel_row,
            **dict.fromkeys(_ODS_CELL, self._close_cell),
            "table-row": self._close_row,
            "table": self._close_table,
        }

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if act := self.starts.get(_local(name)):
            act(attributes)

    def end(self, name: str) -> None:
        if act := self.ends.get(_local(name)):
            act()

    def text(self, data: str) -> None:
        index = _index(data) if self.shared else None
        if index is not None and index < len(self.string_lengths):
            self.cell_text += self.string_lengths[index]
        else:
            self.cell_text += len(data)

    def _enter_cell(self) -> None:
        # A cell within a cell would be placed here where the inner one says, by the reader elsewhere.
        if self.inside_cell:
            raise SpreadsheetError(DAMAGED)
        self.inside_cell = True

    def _open_excel_row(self, attributes: Mapping[str, str]) -> None:
        self.row = _whole(attributes.get("r", str(self.row)))

    def _close_excel_row(self) -> None:
        self.row += 1
        self.column = 0

    def _open_excel_cell(self, attributes: Mapping[str, str]) -> None:
        self._enter_cell()
        self.cell_text = 0
        self.shared = attributes.get("t") == "s"
        self.cell_row = self.row
        if "r" in attributes:
            self.column, self.cell_row = _position(attributes["r"])
        else:
            # Without a reference, a cell stands right after the former one of its row.
            self.column += 1

    def _check_excel_position(self, _attributes: Mapping[str, str]) -> None:
        # A cell with a style and no value (a formatted column) weighs nothing: only values are placed.
        self.limits.check_columns(self.column)
        self.limits.check_rows(self.cell_row)

    def _close_excel_cell(self) -> None:
        self._spend(self.cell_text + _CELL_WEIGHT)
        self.cell_text = 0
        self.shared = False
        self.inside_cell = False

    def _open_row(self, attributes: Mapping[str, str]) -> None:
        self.row_repeat = _repeat(attributes, "number-rows-repeated")
        self.columns = 0
        self.row_filled = False
        self.row_text = 0

    def _open_cell(self, attributes: Mapping[str, str]) -> None:
        self._enter_cell()
        self.cell_repeat = _repeat(attributes, "number-columns-repeated")
        # The reader keeps a cell that has a type, be its text empty.
        self.cell_text = sum(
            len(value) for key, value in attributes.items() if _local(key).endswith(("value", "value-type"))
        )

    def _close_cell(self) -> None:
        # Spreadsheets pad their rows with one empty cell repeated to the edge: only filled cells count.
        self.inside_cell = False
        self.columns += self.cell_repeat
        if self.cell_text:
            self.limits.check_columns(self.columns)
            self.width = max(self.width, self.columns)
            self.row_filled = True
            self.row_text += (self.cell_text + _CELL_WEIGHT) * self.cell_repeat
            self.cell_text = 0

    def _close_row(self) -> None:
        self.rows += self.row_repeat
        if self.row_filled:
            self.limits.check_rows(self.rows)
            self.height = self.rows
            self._spend(self.row_text * self.row_repeat)

    def _add_blanks(self, attributes: Mapping[str, str]) -> None:
        self.cell_text += _blanks(attributes)

    def _open_table(self, _attributes: Mapping[str, str]) -> None:
        self.rows = self.width = self.height = 0

    def _close_table(self) -> None:
        # Every sheet of an ODS file is read, each as a full rectangle.
        self.area += self.width * self.height
        if self.area > self.limits.max_rows * self.limits.max_columns:
            raise SpreadsheetError(TOO_BIG)

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


def _blanks(attributes: Mapping[str, str]) -> int:
    """Return how many blanks an element stands for in an ODS text; in XLSX its namesake counts none."""
    counts = [value for name, value in attributes.items() if _local(name) == "c" and value.isdecimal()]
    return max((int(count[:10]) for count in counts), default=1)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise SpreadsheetError(DAMAGED)
    return int(text)


def _index(text: str) -> int | None:
    """Return the index of a shared string, None when this is no number within reach."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def _position(reference: str) -> tuple[int, int]:
    """Return the column and the row of a reference such as "AB12"."""
    match = _CELL.match(reference)
    if match is None:
        raise SpreadsheetError(DAMAGED)
    letters, row = match.groups()
    return _column_number(letters), int(row)


@lru_cache(maxsize=1024)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
