"""Any usual file is read; hostile or foreign ones are refused with a sentence."""

import io
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

from core.spreadsheets.guard import check_cells, opened_archive
from core.spreadsheets.reading import Limits, SpreadsheetError, cell_text, read_lines, read_table

WORKSHEET = "xl/worksheets/sheet1.xml"
ODS_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
DAMAGED = "Ce classeur est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le et recommencez."


def table(content: bytes, **limits: int):
    return read_table(
        io.BytesIO(content), filename="communes.xlsx", limits=Limits(**limits) if limits else None
    )


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(SpreadsheetError) as caught:
        table(content, **limits)
    return str(caught.value)


def xlsx(rows: list[list[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def ods(rows: list[list[str]], *, row_repeat: int = 1, padding: bool = False) -> bytes:
    document = OpenDocumentSpreadsheet()
    sheet = OdfTable(name="Feuille1")
    for texts in rows:
        row = TableRow(numberrowsrepeated=row_repeat)
        for text in texts:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            row.addElement(cell)
        if padding:
            row.addElement(TableCell(numbercolumnsrepeated=16_000))
        sheet.addElement(row)
    if padding:
        blank = TableRow(numberrowsrepeated=1_048_000)
        blank.addElement(TableCell(numbercolumnsrepeated=16_000))
        sheet.addElement(blank)
    document.spreadsheet.addElement(sheet)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def changed(content: bytes, name: str, data: bytes) -> bytes:
    """Return the archive with one part replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            if part.filename != name:
                target.writestr(part.filename, source.read(part))
        target.writestr(name, data)
    return stream.getvalue()


def worksheet(cells: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()


def ods_sheets(*sheets: str) -> bytes:
    """Return an ODS file of hand-written sheets."""
    tables = "".join(f'<table:table table:name="{n}">{rows}</table:table>' for n, rows in enumerate(sheets))
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f"<office:document-content {ODS_NAMESPACES}>{body}</office:document-content>"
    return changed(ods([["x"]]), "content.xml", content.encode())


def test_xlsx_keeps_values_dates_and_line_numbers():
    read = table(xlsx([["Code", "Date"], [None, None], ["01001", datetime(2024, 2, 29)], [50129, None]]))
    assert read.headers == ("Code", "Date")
    assert read.rows == (("01001", date(2024, 2, 29)), (50129.0, ""))
    assert read.lines == (3, 4)


def test_formulas_come_as_their_stored_value():
    cells = '<row r="1"><c r="A1" t="str"><f>1+1</f><v>deux</v></c></row>'
    assert table(changed(xlsx([["x"]]), WORKSHEET, worksheet(cells))).headers == ("deux",)


def test_ods_with_the_usual_padding_is_read():
    read = table(ods([["Commune"], ["Granville"]], padding=True))
    assert (read.headers[0], [row[0] for row in read.rows]) == ("Commune", ["Granville"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_csv_of_any_french_encoding_and_separator(encoding, separator):
    text = f"Code{separator}Commune\r\n50218{separator}Granville\r\n50502{separator}Saint-Lô\r\n"
    read = table(text.encode(encoding))
    assert read.headers == ("Code", "Commune")
    assert read.rows == (("50218", "Granville"), ("50502", "Saint-Lô"))


def test_csv_of_one_column_may_hold_commas_in_quotes():
    assert table('Commune\n"Hyères, Var"\nSaint-Lô\n'.encode()).rows == (("Hyères, Var",), ("Saint-Lô",))


def test_rows_longer_than_the_header_widen_it():
    read = table(b"a;b\n1;2;3\n4;5\n")
    assert read.headers == ("a", "b", "")
    assert read.rows == (("1", "2", "3"), ("4", "5", ""))


def test_the_name_does_not_decide_the_type():
    read = read_table(io.BytesIO(b"Code;Nom\n50218;Granville\n"), filename="liste.xlsx")
    assert read.rows == (("50218", "Granville"),)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (50129.0, "50129"), (1.5, "1.5"), (True, "oui"), (date(2024, 2, 29), "29/02/2024"),
        ("  Saint \n Lô\u00a0", "Saint Lô"), ("a\x00b", "ab"),
    ],
)  # fmt: skip
def test_cells_as_a_person_reads_them(cell, text):
    assert cell_text(cell) == text


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = changed(xlsx([["x"]]), WORKSHEET, worksheet(" " * 100_000_000))
    assert len(bomb) < 200_000
    started = time.perf_counter()
    assert refusal(bomb).startswith("Ce classeur est trop volumineux une fois décompressé.")
    assert time.perf_counter() - started < 1


def test_a_part_that_lies_about_its_size_is_refused():
    content = changed(xlsx([["x"]]), WORKSHEET, worksheet("<row/>" * 100_000))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(WORKSHEET).file_size
    lying = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != content
    assert refusal(lying) == (
        "Ce classeur est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le et recommencez."
    )


def test_a_million_lines_are_refused_politely():
    content = b"Code\n" + b"50218\n" * 600_000
    assert refusal(content) == (
        "Ce fichier contient plus de 20\u202f000 lignes. Gardez seulement les lignes utiles et recommencez."
    )
    assert refusal(b"50218\n" * 1_000_000).startswith("Ce fichier dépasse 5\u00a0Mo.")


def test_one_cell_at_the_far_corner_does_not_allocate_the_rectangle():
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    message = refusal(changed(xlsx([["x"]]), WORKSHEET, worksheet(cells)))
    assert (
        message
        == "Ce fichier contient plus de 200 colonnes. Gardez seulement les colonnes utiles et recommencez."
    )


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
            "Ce fichier contient plus de 20\u202f000 lignes.",
        ),
        ("<row/>" * 20_000 + "<row><c><v>1</v></c></row>", "Ce fichier contient plus de 20\u202f000 lignes."),
        ("<row>" + "<c><v>1</v></c>" * 201 + "</row>", "Ce fichier contient plus de 200 colonnes."),
        ('<row r="1"><c r="XFD1048576"><c r="A1"><v>1</v></c></c></row>', DAMAGED),
    ],
)
def test_a_cell_is_placed_even_without_its_reference(cells, sentence):
    assert refusal(changed(xlsx([["x"]]), WORKSHEET, worksheet(cells))).startswith(sentence)


def test_cells_without_references_are_read_where_they_stand():
    cells = '<row><c><v>1</v></c><c><v>2</v></c></row><row r="4"><c r="B4"><v>3</v></c><c><v>4</v></c></row>'
    read = table(changed(xlsx([["x"]]), WORKSHEET, worksheet(cells)))
    assert (read.headers, read.rows, read.lines) == (("1", "2", ""), (("", 3.0, 4.0),), (4,))


@pytest.mark.parametrize("index", ["9" * 5_000, "7", "-1", "x"])
def test_an_index_that_no_shared_string_has_is_refused(index):
    cells = f'<row r="1"><c r="A1" t="s"><v>{index}</v></c></row>'
    assert refusal(changed(xlsx([["x"]]), WORKSHEET, worksheet(cells))) == DAMAGED


def test_a_formatted_empty_column_is_not_a_large_table():
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    assert table(changed(xlsx([["x"]]), WORKSHEET, worksheet(cells))).headers == ("1",)


def test_a_repeated_ods_row_does_not_expand():
    assert refusal(ods([["Granville"]], row_repeat=1_000_000)).startswith(
        "Ce fichier contient plus de 20\u202f000"
    )


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            '<table:table-cell office:value-type="string" table:number-columns-repeated="999"/>',
            "Ce fichier contient plus de 200 colonnes.",
        ),
        (
            '<table:table-cell table:number-columns-repeated="201"><text:s/></table:table-cell>',
            "Ce fichier contient plus de 200 colonnes.",
        ),
        (
            '<table:table-cell><text:p><text:s text:c="999999999"/></text:p></table:table-cell>',
            "Ce classeur est trop volumineux",
        ),
        (
            '<table:table-cell><text:p><text:s text:c="99999999999"/></text:p></table:table-cell>',
            "Ce classeur est trop volumineux",
        ),
        ("<table:table-cell><table:table-cell/></table:table-cell>", DAMAGED),
    ],
)
def test_an_ods_cell_that_says_little_and_weighs_much_is_refused(cell, sentence):
    assert refusal(ods_sheets(f"<table:table-row>{cell}</table:table-row>")).startswith(sentence)


def test_many_small_ods_sheets_with_far_corners_are_refused():
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    corners = (
        f"<table:table-row>{cell}</table:table-row>"
        '<table:table-row table:number-rows-repeated="9000"><table:table-cell/></table:table-row>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="150"/>{cell}</table:table-row>'
    )
    assert len(read_lines(io.BytesIO(ods_sheets(corners, corners)), filename="x")) == 2
    assert refusal(ods_sheets(*[corners] * 3)).startswith("Ce classeur est trop volumineux")


def test_a_long_shared_string_used_everywhere_is_refused():
    content = changed(
        xlsx([["x" * 30_000]]),
        "xl/sharedStrings.xml",
        (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
            + b"x" * 30_000
            + b"</t></si></sst>"
        ),
    )
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5000))
    assert refusal(changed(content, WORKSHEET, worksheet(cells))).startswith(
        "Ce classeur est trop volumineux"
    )


def test_an_entity_bomb_is_refused():
    entities = (
        '<!DOCTYPE x [<!ENTITY a "'
        + "x" * 1000
        + '">'
        + "".join(f'<!ENTITY {name} "{f"&{before};" * 100}">' for before, name in ["ab", "bc", "cd"])
        + "]>"
    )
    assert refusal(changed(xlsx([["x"]]), WORKSHEET, f"{entities}<worksheet>&d;</worksheet>".encode()))


@pytest.mark.parametrize(
    "declaration", ['<!ATTLIST c r CDATA "A1">', '<!ENTITY a "x">', '<!ENTITY a SYSTEM "file:///etc/passwd">']
)
def test_a_part_that_declares_its_own_rules_is_refused(declaration):
    cells = worksheet('<row r="1"><c><v>1</v></c></row>').decode()
    part = f"<!DOCTYPE worksheet [{declaration}]>{cells}".encode()
    assert refusal(changed(xlsx([["x"]]), WORKSHEET, part)) == DAMAGED


def test_the_doctype_of_old_open_office_files_is_accepted():
    manifest = (
        '<!DOCTYPE manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd"><manifest/>'
    )
    assert table(changed(ods([["Commune"]]), "META-INF/manifest.xml", manifest.encode())).headers == (
        "Commune",
    )


@pytest.mark.parametrize("encoding", ["utf-16", "cp037"])
def test_a_part_in_another_encoding_is_refused_by_the_guard(encoding):
    part = f'<?xml version="1.0" encoding="{encoding}"?><worksheet/>'.encode(encoding)
    if encoding == "cp037":
        part = b'<?xml version="1.0" encoding="cp037"?>' + "<worksheet/>".encode(encoding)
    content = changed(xlsx([["x"]]), WORKSHEET, part)
    with pytest.raises(SpreadsheetError, match=DAMAGED), opened_archive(content) as archive:
        check_cells(archive, Limits())


def test_two_parts_of_the_same_name_are_refused():
    stream = io.BytesIO(xlsx([["x"]]))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(WORKSHEET, worksheet(""))
    assert refusal(stream.getvalue()) == DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_no_spreadsheet_uses_is_refused(method):
    stream = io.BytesIO(xlsx([["x"]]))
    with zipfile.ZipFile(stream, "a", method) as archive:
        archive.writestr("xl/more.xml", b"<x/>")
    assert refusal(stream.getvalue()) == DAMAGED


def test_an_ods_file_without_its_manifest_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refusal(stream.getvalue()) == DAMAGED


@pytest.mark.parametrize(
    ("mark", "offset", "bytes_"),
    [
        (b"PK\x01\x02", 6, b"\xff"),  # needs a version of zip that does not exist
        (b"PK\x01\x02", 8, b"\x01"),  # encrypted
        (b"PK\x05\x06", 16, b"\xff\xff\xff\x7f"),  # parts before the beginning of the file
        (b"PK\x03\x04", 60, b"\xff" * 40),  # data that does not unpack
        (b"PK\x03\x04", 0, b"XXXX"),
    ],
)
@pytest.mark.parametrize("make", [xlsx, ods])
def test_a_tampered_workbook_is_refused(make, mark, offset, bytes_):
    content = bytearray(make([["x"]]))
    # The first part may be one that nobody opens: each of them is tampered with.
    start = content.find(mark, 1)
    while start >= 0:
        content[start + offset : start + offset + len(bytes_)] = bytes_
        start = content.find(mark, start + 4)
    assert refusal(bytes(content)) == DAMAGED


def test_a_sheet_hidden_under_another_name_is_refused():
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="worksheets/s.bin" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        "</Relationships>"
    )
    assert refusal(changed(xlsx([["x"]]), "xl/_rels/workbook.xml.rels", rels.encode())).startswith(
        "Ce classeur est abîmé"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier ne contient aucune ligne."),
        (b"\n\n ; ;\n", "Ce fichier ne contient aucune ligne."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "Ce fichier est au format Excel 97-2003 (.xls)."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "Ce classeur est protégé par un mot de passe.",
        ),
        (b"%PDF-1.7\n%", "Ce fichier n’est pas un tableau lisible"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Ce fichier n’est pas un tableau lisible"),
        (b"PK\x03\x04 and nothing else", "Ce classeur est abîmé ou incomplet."),
        (b"\xff\xfe\x00", "Ce fichier n’est pas un tableau lisible"),
    ],
)
def test_other_files_are_refused_with_advice(content, sentence):
    assert refusal(content).startswith(sentence)


def test_a_zip_of_another_kind_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert refusal(stream.getvalue()).startswith("Ce fichier n’est pas un tableau lisible")


def test_too_many_columns_are_refused():
    assert refusal(b";".join([b"x"] * 201)).startswith("Ce fichier contient plus de 200 colonnes.")


def test_limits_are_the_caller_s():
    lines = b"a\nb\nc\n"
    assert len(read_lines(io.BytesIO(lines), filename="x", limits=Limits(max_rows=3))) == 3
    assert refusal(lines, max_rows=2) == (
        "Ce fichier contient plus de 2 lignes. Gardez seulement les lignes utiles et recommencez."
    )
