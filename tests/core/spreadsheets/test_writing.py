"""Written tables open in a French spreadsheet with real values and nothing to execute."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from core.spreadsheets.writing import Column, Sheet, neutralised, write_csv, write_xlsx

COLUMNS = [
    Column("Libellé", width=30),
    Column("Date", kind="date"),
    Column("Montant", kind="euros", total=True),
    Column("Nombre", kind="integer", total=True),
    Column("Taux", kind="percent"),
]
ROWS = [
    ["=HYPERLINK(0)", date(2023, 3, 15), Decimal("60000.10"), 3, Decimal("0.8")],
    ["Avance", None, Decimal("-12.34"), 1, Decimal("0.125")],
]


def sheet(**changes: object) -> Sheet:
    return Sheet(**{"name": "Échéancier", "columns": COLUMNS, "rows": ROWS, **changes})


def reopened(content: bytes, *, values: bool = False) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values).active


def test_cells_are_real_dates_and_numbers_and_text_is_neutralised():
    rows = list(reopened(write_xlsx([sheet()])).iter_rows(values_only=True))
    assert rows[0] == ("Libellé", "Date", "Montant", "Nombre", "Taux")
    assert rows[1] == ("'=HYPERLINK(0)", datetime(2023, 3, 15), 60000.1, 3, 0.8)
    assert rows[2] == ("Avance", None, -12.34, 1, 0.125)


def test_totals_are_formulas_that_follow_the_filter_and_keep_their_value():
    content = write_xlsx([sheet()])
    assert [cell.value for cell in reopened(content)[4]] == [
        "Total", None, "=SUBTOTAL(109,C2:C3)", "=SUBTOTAL(109,D2:D3)", None,
    ]  # fmt: skip
    assert [cell.value for cell in reopened(content, values=True)[4]] == ["Total", None, 59987.76, 4, None]


def test_a_title_moves_the_table_down_and_notes_follow_the_totals():
    worksheet = reopened(write_xlsx([sheet(title="Contrat", notes=["Source : INSEE", "+1"])]))
    assert worksheet["A1"].value == "Contrat"
    assert worksheet["A3"].value == "Libellé"
    assert worksheet["C6"].value == "=SUBTOTAL(109,C4:C5)"
    assert [worksheet["A8"].value, worksheet["A9"].value] == ["Source : INSEE", "'+1"]
    assert worksheet.freeze_panes == "A4"
    assert worksheet.auto_filter.ref == "A3:E5"


def test_an_empty_table_has_no_totals():
    rows = list(reopened(write_xlsx([sheet(rows=[])])).iter_rows(values_only=True))
    assert rows == [("Libellé", "Date", "Montant", "Nombre", "Taux")]


def test_the_same_sheets_give_the_same_bytes_when_the_date_is_given():
    moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert write_xlsx([sheet()], created=moment) == write_xlsx([sheet()], created=moment)


def test_sheet_names_lose_what_excel_refuses():
    content = write_xlsx([sheet(name="Année 2023/2024 [provisoire] : échéancier complet")])
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == [
        "Année 2023 2024  provisoire  : "[:31].replace(":", " ")
    ]


def test_csv_is_french_and_neutralised():
    assert write_csv(sheet()).decode("utf-8") == (
        "\ufeffLibellé;Date;Montant;Nombre;Taux\r\n"
        "'=HYPERLINK(0);15/03/2023;60000,10;3;80\u00a0%\r\n"
        "Avance;;-12,34;1;12,5\u00a0%\r\n"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_be_executed_gets_an_apostrophe(start):
    assert neutralised(f"{start}1") == f"'{start}1"


def test_a_nul_cannot_hide_a_formula():
    assert neutralised("\x00=1\x00") == "'=1"


def test_a_text_in_a_numeric_total_is_a_programming_error():
    with pytest.raises(TypeError):
        write_xlsx([sheet(rows=[["x", None, "12", 1, None]])])
