"""What the list gives to keep: exactly what is filtered, in three formats, nothing that acts."""

import csv
import io
from datetime import date

import odf.opendocument
import odf.table
import openpyxl
import pytest

from core.spreadsheets.ods import write_ods
from core.spreadsheets.reading import cell_text, read_table
from core.spreadsheets.writing import Column, Sheet
from members.domain.columns import COLUMNS
from members.models import PracticePlace
from tests.factories.members import MemberFactory, MembershipFactory, StructureFactory

URL = "/cpts/littoral/membres/"
FORMATS = ("xlsx", "csv", "ods")


@pytest.fixture
def registry(cpts):
    """Write a nurse who practises in a centre, and a midwife who is a member."""
    centre = StructureFactory(cpts=cpts, number=1, last_name="Centre du Thar", commune_name="Granville")
    nurse = MemberFactory(cpts=cpts, number=2, last_name="Lefèvre", first_name="Zoé", email="z@example.org")
    PracticePlace.objects.create(
        member=nurse, structure=centre, address="1 rue de l’Essai", postal_code="50400", is_main=True
    )
    midwife = MemberFactory(
        cpts=cpts, number=3, last_name="=1+1", first_name="Ève", profession="50", phone="+33233500000"
    )
    MembershipFactory(member=midwife)


def table(client, extension, **query):
    response = client.get(f"{URL}membres.{extension}", query)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="membres-littoral-')
    read = read_table(io.BytesIO(response.content), filename=f"membres.{extension}")
    return read.headers, [[cell_text(cell) for cell in row] for row in read.rows]


@pytest.mark.usefixtures("registry")
class TestExport:
    @pytest.mark.parametrize("extension", FORMATS)
    def test_exactly_what_is_filtered_under_the_columns_of_the_list(self, coordinator, extension):
        headers, rows = table(coordinator, extension, profession="60", colonnes="lieu,courriel")

        assert headers == (
            "Nom ou raison sociale", "Prénom", "Commune", "Structure d’exercice", "Adresse électronique",
        )  # fmt: skip
        assert rows == [["Lefèvre", "Zoé", "", "Centre du Thar", "z@example.org"]]

    @pytest.mark.parametrize("extension", FORMATS)
    def test_a_complete_file_says_all_that_the_import_reads(self, coordinator, extension):
        headers, rows = table(coordinator, extension, complet="1", tri="numero")

        assert headers == tuple(column.label for column in COLUMNS.values())
        (centre, nurse, midwife) = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
        assert (centre["number"], centre["kind"], centre["structure_kind"]) == (
            "1", "Personne morale", "Centre de santé",
        )  # fmt: skip
        assert (nurse["address"], nurse["postal_code"]) == ("1 rue de l’Essai", "50400")
        assert (nurse["structure"], nurse["structure_number"]) == ("Centre du Thar", "1")
        assert (nurse["status"], nurse["starts_on"], nurse["in_governance"]) == ("Sans adhésion", "", "non")
        assert midwife["last_name"] == "'=1+1"
        assert (midwife["phone"], midwife["category"]) == ("02 33 50 00 00", "Membre actif")
        assert (midwife["starts_on"], midwife["status"]) == ("15/01/2024", "Membre")

    def test_dates_and_numbers_are_real_in_a_workbook(self, coordinator):
        content = coordinator.get(f"{URL}membres.xlsx", {"complet": "1", "profession": "50"}).content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        row = dict(zip(COLUMNS, next(sheet.iter_rows(min_row=2, values_only=True)), strict=True))

        assert row["number"] == 3
        assert row["starts_on"].date() == date(2024, 1, 15)

    def test_a_csv_opens_in_a_french_spreadsheet(self, coordinator):
        content = coordinator.get(f"{URL}membres.csv", {"colonnes": "depuis", "profession": "50"}).content

        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        assert rows[1] == ["'=1+1", "Ève", "15/01/2024"]

    def test_an_export_costs_the_same_whatever_the_number(
        self, coordinator, cpts, django_assert_max_num_queries
    ):
        for _ in range(3):
            MembershipFactory(member__cpts=cpts)
        with django_assert_max_num_queries(8):
            coordinator.get(f"{URL}membres.csv", {"complet": "1"})


class TestOpenDocument:
    def test_other_software_reads_it(self):
        columns = [Column("Nom"), Column("Numéro", "integer"), Column("Depuis", "date")]
        sheet = Sheet("Essai [1]", columns, [["A & <b>  \x0b", 3, date(2026, 2, 1)], [None, None, ""]])
        content = write_ods([sheet])

        document = odf.opendocument.load(io.BytesIO(content))
        (found,) = document.spreadsheet.getElementsByType(odf.table.Table)
        assert found.getAttribute("name") == "Essai  1 "
        table = read_table(io.BytesIO(content), filename="essai.ods")
        assert table.headers == ("Nom", "Numéro", "Depuis")
        assert [cell_text(cell) for cell in table.rows[0]] == ["A & <b>", "3", "01/02/2026"]

    def test_the_same_table_gives_the_same_bytes(self):
        sheet = Sheet("Essai", [Column("Nom")], [["x"]])
        assert write_ods([sheet]) == write_ods([sheet])

    def test_amounts_are_refused(self):
        with pytest.raises(TypeError, match="is no euros"):
            write_ods([Sheet("Essai", [Column("Montant", "euros")], [[3]])])
