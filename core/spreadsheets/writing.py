"""Writes tables that open well in a French spreadsheet: real dates and numbers, no live formula from data."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_range

__all__ = [
    "Column",
    "Kind",
    "Sheet",
    "Value",
    "neutralised",
    "restored",
    "sheet_name",
    "write_csv",
    "write_xlsx",
]

Kind = Literal["text", "date", "euros", "integer", "percent"]
Value = str | int | Decimal | date | None
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")
_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {"text_wrap": False},
    "date": {"num_format": "dd/mm/yyyy", "align": "left"},
    "euros": {"num_format": '#,##0.00\u00a0"€"'},
    "integer": {"num_format": "#,##0"},
    "percent": {"num_format": "0.0\u00a0%"},
}


@dataclass(frozen=True)
class Column:
    """One column: header, kind of its values, width in characters, whether it is summed at the bottom."""

    label: str
    kind: Kind = "text"
    width: int = 16
    total: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table: `rows` hold one value per column (None for a blank); title above, notes below."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    title: str = ""
    notes: Sequence[str] = ()


def write_xlsx(sheets: Iterable[Sheet], *, created: datetime | None = None) -> bytes:
    """Return a workbook; with `created` given, the same sheets always give the same bytes."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as workbook:
        if created is not None:
            workbook.set_properties({"created": created})
        formats = _Formats(workbook)
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet_name(sheet.name)), sheet, formats)
    return stream.getvalue()


def write_csv(sheet: Sheet) -> bytes:
    """Return the rows of `sheet` as French CSV: UTF-8 with BOM, `;`, decimal comma, dd/mm/yyyy, no totals."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([neutralised(column.label) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_text(column, value) for column, value in zip(sheet.columns, row, strict=True)])
    return stream.getvalue().encode("utf-8-sig")


def neutralised(text: str) -> str:
    """Return `text` without NUL, and with an apostrophe before what a spreadsheet would execute."""
    text = text.replace("\x00", "")
    return f"'{text}" if text.startswith(_ACTIVE) else text


def restored(text: str) -> str:
    """Return `text` as it was before `neutralised` set an apostrophe before it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_ACTIVE) else text


class _Formats:
    def __init__(self, workbook: Any) -> None:
        self.title = workbook.add_format({"bold": True, "font_size": 14})
        self.header = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.note = workbook.add_format({"italic": True})
        self.total_label = workbook.add_format({"bold": True, "top": 1})
        self.cells = {kind: workbook.add_format(options) for kind, options in _FORMATS.items()}
        self.totals = {
            kind: workbook.add_format({**options, "bold": True, "top": 1})
            for kind, options in _FORMATS.items()
        }


def _write_sheet(worksheet: Any, sheet: Sheet, formats: _Formats) -> None:
    header_row = 2 if sheet.title else 0
    if sheet.title:
        worksheet.write_string(0, 0, neutralised(sheet.title), formats.title)
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, column.width)
        worksheet.write_string(header_row, index, neutralised(column.label), formats.header)
    first_row = header_row + 1
    for offset, row in enumerate(sheet.rows):
        for index, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _write_cell(worksheet, first_row + offset, index, column, value, formats.cells[column.kind])
    last_row = header_row + len(sheet.rows)
    worksheet.freeze_panes(first_row, 0)
    worksheet.autofilter(header_row, 0, last_row, len(sheet.columns) - 1)
    next_row = _write_totals(worksheet, sheet, first_row, last_row, formats)
    for offset, note in enumerate(sheet.notes):
        worksheet.write_string(next_row + 1 + offset, 0, neutralised(note), formats.note)


def _write_cell(worksheet: Any, row: int, index: int, column: Column, value: Value, cell_format: Any) -> None:
    if value is None or value == "":
        # The format of a text shows nothing in a blank cell: writing thousands of them is work for nothing.
        if column.kind != "text":
            worksheet.write_blank(row, index, None, cell_format)
    elif column.kind == "text":
        worksheet.write_string(row, index, neutralised(str(value)), cell_format)
    elif column.kind == "date":
        worksheet.write_datetime(row, index, value, cell_format)
    else:
        worksheet.write_number(row, index, value, cell_format)


def _write_totals(worksheet: Any, sheet: Sheet, first_row: int, last_row: int, formats: _Formats) -> int:
    """Write the row of totals, if any, and return the number of the next free row."""
    if not sheet.rows or not any(column.total for column in sheet.columns):
        return last_row + 1
    for index, column in enumerate(sheet.columns):
        if not column.total:
            worksheet.write(last_row + 1, index, "" if index else "Total", formats.total_label)
            continue
        # 109: a sum that follows the filter. The value is stored too, for readers that do not calculate.
        formula = f"=SUBTOTAL(109,{xl_range(first_row, index, last_row, index)})"
        total = sum(_amount(row[index]) for row in sheet.rows)
        worksheet.write_formula(last_row + 1, index, formula, formats.totals[column.kind], total)
    return last_row + 2


def _csv_text(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if column.kind == "date":
        return f"{value:%d/%m/%Y}"
    if column.kind == "euros":
        return f"{value:.2f}".replace(".", ",")
    if column.kind == "percent":
        return f"{_amount(value) * 100:f}".rstrip("0").rstrip(".").replace(".", ",") + "\u00a0%"
    return str(value) if column.kind == "integer" else neutralised(str(value))


def _amount(value: Value) -> Decimal:
    """Return a cell of a numeric column; raises TypeError when the caller put something else there."""
    if value is None:
        return Decimal(0)
    if not isinstance(value, int | Decimal):
        raise TypeError(f"{value!r} is not a number")
    return Decimal(value)


def sheet_name(name: str) -> str:
    """Return a name that spreadsheets take: Excel refuses these characters and more than 31 of them."""
    return "".join(" " if character in "[]:*?/\\" else character for character in name)[:31]
