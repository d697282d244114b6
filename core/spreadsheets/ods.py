"""Writes tables as OpenDocument spreadsheets: what `core.spreadsheets.writing` says, for LibreOffice."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from core.spreadsheets.writing import Column, Sheet, Value, neutralised, sheet_name

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.2"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
_NAMESPACES = "".join(
    f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
    }.items()
)
_STYLES = (
    '<number:date-style style:name="N-date"><number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<style:style style:name="date" style:family="table-cell" style:data-style-name="N-date"/>'
    '<style:style style:name="header" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
)
_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
# One character of the usual font, with its share of the margins.
_CENTIMETRES = 0.22
# A file is dated by nothing but what it says: the same table gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_ods(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook of these tables: titles, totals and notes are for the other formats.

    Cells are text, whole numbers or dates; raises TypeError for amounts and percentages, which nothing
    exports so. Text that a spreadsheet would execute gets an apostrophe, as in every other export.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        # The type comes first and is not compressed: that is how readers tell such a file.
        archive.writestr(zipfile.ZipInfo("mimetype", _EPOCH), _TYPE)
        _add(archive, "META-INF/manifest.xml", _MANIFEST)
        _add(archive, "content.xml", "".join(_content(list(sheets))))
    return stream.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)


def _content(sheets: Sequence[Sheet]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_NAMESPACES} office:version="1.2">'
    widths = sorted({column.width for sheet in sheets for column in sheet.columns})
    yield f"<office:automatic-styles>{_STYLES}{''.join(map(_width_style, widths))}</office:automatic-styles>"
    yield "<office:body><office:spreadsheet>"
    for sheet in sheets:
        yield f"<table:table table:name={quoteattr(sheet_name(sheet.name))}>"
        yield "".join(f'<table:table-column table:style-name="w{column.width}"/>' for column in sheet.columns)
        yield _row(_text_cell(column.label, ' table:style-name="header"') for column in sheet.columns)
        for row in sheet.rows:
            yield _row(map(_cell, sheet.columns, row))
        yield "</table:table>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def _width_style(width: int) -> str:
    return (
        f'<style:style style:name="w{width}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * _CENTIMETRES:.2f}cm"/></style:style>'
    )


def _row(cells: Iterable[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(column: Column, value: Value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if column.kind == "text":
        return _text_cell(str(value))
    if column.kind == "date" and isinstance(value, date):
        return (
            '<table:table-cell table:style-name="date" office:value-type="date"'
            f' office:date-value="{value:%Y-%m-%d}"><text:p>{value:%d/%m/%Y}</text:p></table:table-cell>'
        )
    if column.kind == "integer" and isinstance(value, int):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    raise TypeError(f"{value!r} is no {column.kind} of an OpenDocument table")


def _text_cell(text: str, style: str = "") -> str:
    return (
        f'<table:table-cell{style} office:value-type="string">'
        f"<text:p>{_escaped(neutralised(text))}</text:p></table:table-cell>"
    )


def _escaped(text: str) -> str:
    """Return text for XML on one line: it has no control characters, and takes blanks together for one."""
    return escape(_CONTROL.sub(" ", text)).replace("  ", " <text:s/>")
