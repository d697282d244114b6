"""Downloads of a contract's schedule: what is filtered, no more, in files that open well."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from icalendar import Calendar
from openpyxl import load_workbook
from pytest_django.asserts import assertContains

from core.access.enums import Role
from funding.domain.baremes import published_texts
from funding.engine import ENGINE_VERSION
from funding.models import Statement
from tests.factories.funding import EXAMPLE_A, EXAMPLE_B, change, receive, sign

pytestmark = pytest.mark.django_db
START = date(2023, 9, 15)


@pytest.fixture
def treasurer(sign_in):
    return sign_in(Role.TREASURER)


def download(client, extension, query=""):
    return client.get(f"{reverse(f'contract:schedule_{extension}', args=['littoral'])}?{query}")


def workbook(client, query=""):
    return load_workbook(BytesIO(download(client, "xlsx", query).content))


def events(client, query=""):
    return Calendar.from_ical(download(client, "ics", query).content).walk("VEVENT")


def test_the_workbook_has_real_dates_and_numbers(treasurer, contract_a):
    receive(contract_a, START, received_on=date(2023, 10, 2))
    sheet = workbook(treasurer)["Échéancier"]
    header, first, second = (list(row) for row in sheet.iter_rows(max_row=3, values_only=True))
    assert header[-2:] == ["État", "Reçu le"]
    assert first[:7] + first[8:] == [
        datetime(2023, 3, 15),
        datetime(2023, 5, 15),
        1,
        "Fonctionnement",
        "Fonctionnement",
        "Versement intégral",
        60_000,
        "En retard",
        None,
    ]
    assert second[6:7] + second[8:] == [26_106.56, "Reçu", datetime(2023, 10, 2)]
    assert sheet["A2"].number_format == "dd/mm/yyyy"
    assert sheet["G2"].number_format == '#,##0.00\u00a0"€"'
    assert sheet.auto_filter.ref == "A1:J59"
    assert sheet.freeze_panes == "A2"


def test_the_totals_are_formulas_that_follow_the_filters(treasurer, contract_a):
    book = workbook(treasurer)
    sheet = book["Échéancier"]
    assert sheet["G60"].value == "=SUBTOTAL(109,G2:G59)"
    assert round(sum(sheet.cell(row, 7).value for row in range(2, 60)), 2) == 1_170_147.54
    years = book["Par année de contrat"]
    assert [years[f"{column}7"].value for column in "BCDE"] == [
        f"=SUBTOTAL(109,{column}2:{column}6)" for column in "BCDE"
    ]
    assert list(book["Par année civile"].iter_rows(min_row=2, max_row=3, values_only=True)) == [
        ("2023", 60_000, 39_159.84, 0, 99_159.84),
        ("2024", 45_000, 116_178.27, 11_934.43, 173_112.70),
    ]


def test_the_workbook_of_example_b_is_exact(treasurer, march_2026, cpts):
    sign(cpts, EXAMPLE_B)
    rows = list(workbook(treasurer)["Par année civile"].iter_rows(min_row=2, max_row=7, values_only=True))
    assert [(row[0], row[-1]) for row in rows] == [
        ("2022", 223_125),
        ("2023", 334_375),
        ("2024", 347_500),
        ("2025", 347_500),
        ("2026", 347_500),
        ("2027", 160_000),
    ]


def test_the_workbook_says_where_it_comes_from(treasurer, contract_a):
    statement = Statement.objects.latest_of(contract_a.pk)
    told = dict(workbook(treasurer, "part=fixed&annee=1")["Provenance"].iter_rows(values_only=True))
    text = next(each for each in published_texts() if each.bareme.code == "avenant-2")
    assert told["CPTS"] == "CPTS du Littoral d’essai"
    assert told["Contrat signé le"] == "15 mars 2023"
    assert told["Décompte"] == "version 1"
    assert told["Texte appliqué\u00a0: Avenant 2 à l’ACI des CPTS"] == text.sha256
    assert told["Version du moteur de calcul"] == ENGINE_VERSION
    assert told["Empreinte du décompte"] == statement.fingerprint
    assert told["Lignes gardées"] == "Année de contrat\u00a0: Année 1 · Part\u00a0: Volet fixe"
    assert told["Adresse de l’échéancier"].endswith(
        f"/cpts/littoral/echeancier/?contrat={contract_a.pk}&annee=1&part=fixed"
    )


@pytest.mark.parametrize(
    ("query", "rows", "total"),
    [("annee=1&civile=2024", 3, 24_987.70), ("mission=parcours&part=fixed", 8, 140_000)],
)
def test_each_file_holds_exactly_what_is_filtered(treasurer, contract_a, query, rows, total):
    sheet = workbook(treasurer, query)["Échéancier"]
    assert sheet.max_row == rows + 2
    assert round(sum(sheet.cell(row, 7).value for row in range(2, rows + 2)), 2) == total
    assert len(download(treasurer, "csv", query).content.decode("utf-8-sig").split("\r\n")) == rows + 2
    shown = treasurer.get(f"{reverse('contract:schedule', args=['littoral'])}?{query}")
    assert [event.decoded("dtstart") for event in events(treasurer, query)] == [
        row["due"].day for row in shown.context["due_dates"]
    ]


def test_filters_that_keep_nothing_give_empty_files(treasurer, contract_a):
    query = "annee=1&civile=2028"
    assert workbook(treasurer, query)["Échéancier"].max_row == 1
    assert len(download(treasurer, "csv", query).content.decode("utf-8-sig").splitlines()) == 1
    assert events(treasurer, query) == []


def test_csv_bytes_follow_french_conventions(treasurer, contract_a):
    receive(contract_a, START, received_on=date(2023, 10, 2))
    response = download(treasurer, "csv", "civile=2023&mission=acces_soins")
    assert (
        response.content
        == (
            "\ufeffÉchéance;Payable au plus tard le;Année de contrat;Mission;Part;Versement;Montant;"
            "Explication;État;Reçu le\r\n"
            "15/09/2023;15/11/2023;1;Accès aux soins;Volet fixe;Avance;26106,56;"
            "Accès aux soins, volet fixe, taille 2, année 1\u00a0: 70\u202f000\u00a0€ × 182/366\u00a0jours × "
            "75\u00a0% = 26\u202f106,56\u00a0€ (arrondi au centime). Avance au démarrage de la mission. "
            "Avenant 2 à l’ACI des CPTS.;Reçu;02/10/2023\r\n"
        ).encode()
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == ('attachment; filename="echeancier-littoral-2023-03-15.csv"')


def test_a_due_date_keeps_its_event_from_a_statement_to_the_next(treasurer, contract_a):
    before = events(treasurer)
    assert [event.decoded("dtstart") for event in before][:2] == [date(2023, 3, 15), START]
    assert str(before[0]["uid"]) == f"contrat-{contract_a.pk}-20230315@echeancier-aci"
    assert str(before[1]["summary"]) == (
        "Versement ACI CPTS du Littoral d’essai\u00a0: 39\u202f159,84\u00a0€"
    )
    change(contract_a, expected_attainment=Decimal("0.9"))
    after = events(treasurer)
    assert [event["uid"] for event in after] == [event["uid"] for event in before]
    assert after[2]["summary"] != before[2]["summary"]


def test_two_contracts_never_share_an_event(treasurer, contract_a, other_cpts, sign_in):
    foreign = sign(other_cpts)
    client = sign_in(Role.TREASURER, other_cpts)
    data = client.get(reverse("contract:schedule_ics", args=["colline"])).content
    theirs = {str(event["uid"]) for event in Calendar.from_ical(data).walk("VEVENT")}
    assert len(theirs) == 7
    assert foreign.pk != contract_a.pk
    assert theirs.isdisjoint(str(event["uid"]) for event in events(treasurer))


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_what_a_spreadsheet_would_execute_is_neutralised(treasurer, march_2026, cpts, start):
    attack = f"{start}cmd|' /C calc'!A0"
    sign(cpts, replace(EXAMPLE_A, reference=attack))
    cpts.name = attack
    cpts.save()
    told = workbook(treasurer)["Provenance"]
    cells = {row[0].value: row[1] for row in told.iter_rows()}
    for label in ("CPTS", "Référence du contrat"):
        assert cells[label].value == f"'{attack}"
        assert cells[label].data_type == "s"


@pytest.mark.parametrize("extension", ["xlsx", "csv", "ics"])
@pytest.mark.parametrize("query", ["annee=99", "mission=%00", "etat=late"])
def test_a_filter_that_is_no_choice_gives_no_file(treasurer, contract_a, extension, query):
    response = download(treasurer, extension, query)
    assertContains(response, "Ce choix n’existe pas dans cet échéancier.", status_code=400)
    assert "Content-Disposition" not in response


@pytest.mark.parametrize("extension", ["xlsx", "csv", "ics"])
def test_no_schedule_gives_no_file(treasurer, march_2026, extension):
    assert download(treasurer, extension).status_code == 404
