"""The statements of a contract: listed, read as they were, compared, their PDF asked for once."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from core.access.enums import Role
from core.documents.models import Document
from core.jobs.models import Job
from funding.domain.baremes import published_texts
from funding.domain.statement_pdf import KIND_NAME, statement_document
from funding.models import Statement
from tests.factories.funding import change, receive

pytestmark = pytest.mark.django_db
START = date(2023, 9, 15)


@pytest.fixture
def treasurer(sign_in):
    return sign_in(Role.TREASURER)


def url(name, *args):
    return reverse(f"contract:{name}", args=["littoral", *args])


def revised(contract):
    receive(contract, START)
    receive(contract, date(2024, 3, 15))
    return change(contract, expected_attainment=Decimal("0.9"), reason="Taux revus en dialogue de gestion")


def test_versions_are_listed_with_what_each_changed(treasurer, contract_a):
    revised(contract_a)
    response = treasurer.get(url("statements"))
    told = [
        (row["statement"].version, row["occasion"], row["statement"].reason, row["delta"])
        for row in response.context["rows"]
    ]
    assert [row[0] for row in told] == [2, 1]
    assert told[1][1:] == ("Signature", "", None)
    assert told[0][1:3] == ("Changement", "Taux revus en dialogue de gestion")
    totals = dict(Statement.objects.values_list("version", "total"))
    assert told[0][3] == totals[2] - totals[1] == Decimal("33491.80")
    assertContains(response, "+33\u202f491,80\u00a0€")


def test_pages_of_versions_know_the_one_before(treasurer, contract_a, monkeypatch):
    monkeypatch.setattr("funding.views.statements.BY_PAGE", 1)
    revised(contract_a)
    response = treasurer.get(url("statements"))
    assert [(row["statement"].version, row["delta"]) for row in response.context["rows"]] == [
        (2, Decimal("33491.80"))
    ]
    assertContains(response, "Page 1 sur 2")
    assertContains(
        treasurer.get(url("statements") + "?page=2"), "Décompte n°\u00a01".replace("\u00a0", "&nbsp;")
    )


def test_without_a_statement_the_list_says_when_one_comes(treasurer, march_2026):
    assertContains(treasurer.get(url("statements")), "Aucun décompte pour l’instant")


def test_a_version_says_what_it_changed_line_by_line(treasurer, contract_a):
    revised(contract_a)
    response = treasurer.get(url("statement", 2))
    changes = {
        (each["mission"], each["payment"], each["contract_year"]): (
            each["before"].amount if each["before"] else None,
            each["after"].amount if each["after"] else None,
            each["delta"],
        )
        for each in response.context["changes"]
    }
    assert changes["Accès aux soins", "Volet variable", 2] == (
        Decimal(24_000),
        Decimal(27_000),
        Decimal(3_000),
    )
    # Year 1 was received: the difference is a line of its own, at the next anniversary.
    added = changes["Accès aux soins", "Volet variable, régularisation", 1]
    assert added == (None, Decimal("1491.80"), Decimal("1491.80"))
    assert response.context["delta"] == sum(each[2] for each in changes.values()) == Decimal("33491.80")
    assertContains(response, "Ajoutée")
    assertContains(response, "En vigueur")


def test_an_old_version_reads_as_it_was(treasurer, contract_a):
    before = treasurer.get(url("statement", 1)).context
    lines_before = treasurer.get(url("statement_due_date", 1, START)).context["lines"]
    revised(contract_a)
    response = treasurer.get(url("statement", 1))
    for name in ("due_dates", "inputs", "texts", "changes", "is_first"):
        assert response.context[name] == before[name]
    assertContains(response, "Version antérieure")
    assertNotContains(response, "Ce qui a changé")
    assert treasurer.get(url("statement_due_date", 1, START)).context["lines"] == lines_before
    assertContains(response, "1\u202f170\u202f147,54\u00a0€")


def test_a_version_says_what_it_was_computed_with(treasurer, contract_a):
    inputs = dict(treasurer.get(url("statement", 1)).context["inputs"])
    assert inputs["Signature du contrat"] == "15 mars 2023"
    assert inputs["Mission «\u00a0Parcours pluriprofessionnels\u00a0»"] == "démarre le 15 mars 2024"
    assert inputs["Atteinte prévue, quand aucune n’est enregistrée"] == "80\u00a0%"
    assert inputs["Prorata de la première année d’une mission"] == "au jour près"


def test_a_version_says_who_signed_as_it_was_then(treasurer, contract_a, cpts):
    cpts.name = "CPTS renommée"
    cpts.save()
    change(contract_a, population_source="Figure de la CPAM", reason="Source précisée")
    parties = dict(treasurer.get(url("statement", 1)).context["parties"])
    assert parties == {
        "CPTS": "CPTS du Littoral d’essai",
        "Agence régionale de santé": "ARS d’essai",
        "Caisse primaire": "CPAM d’essai",
        "Représentée par": "Camille Essai, présidente",
        "Population": "60\u202f200 habitants (INSEE, populations municipales 2023)",
    }
    parties = dict(treasurer.get(url("statement", 2)).context["parties"])
    assert parties["Population"] == "60\u202f200 habitants (Figure de la CPAM)"


def test_a_text_whose_file_changed_since_is_told(treasurer, contract_a, monkeypatch):
    assertContains(treasurer.get(url("statement", 1)), "Fichier inchangé depuis")
    changed = tuple(
        type(text)(bareme=text.bareme, filename=text.filename, sha256="0" * 64) for text in published_texts()
    )
    monkeypatch.setattr("funding.domain.statement_words.published_texts", lambda: changed)
    response = treasurer.get(url("statement", 1))
    assertContains(response, "Le fichier d’aujourd’hui est différent")
    assertContains(response, Statement.objects.get().texts["avenant-2"])


def test_a_text_that_is_no_longer_published_leaves_the_version_readable(treasurer, contract_a, monkeypatch):
    monkeypatch.setattr("funding.domain.statement_words.published_texts", lambda: ())
    assertContains(treasurer.get(url("statement", 1)), "avenant-2")


def test_lines_received_when_it_was_established_are_told(treasurer, contract_a):
    revised(contract_a)
    assert {
        line["state"] for line in treasurer.get(url("statement_due_date", 1, START)).context["lines"]
    } == {""}
    page = treasurer.get(url("statement_due_date", 2, START))
    assert {line["state"] for line in page.context["lines"]} == {"recu"}
    assertNotContains(page, "Enregistrer")


@pytest.mark.parametrize("version", [0, 2, 99_999, 10**30])
def test_an_unknown_version_is_not_found(treasurer, contract_a, version):
    assert treasurer.get(url("statement", version)).status_code == 404
    assert treasurer.get(url("statement_due_date", version, START)).status_code == 404
    assert treasurer.post(url("statement_pdf", version)).status_code == 404


def test_a_day_with_nothing_due_is_not_found(treasurer, contract_a):
    assert treasurer.get(url("statement_due_date", 1, date(2023, 9, 16))).status_code == 404


def test_the_pdf_is_asked_for_once(treasurer, contract_a, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks():
        first, second = (treasurer.post(url("statement_pdf", 1)) for _ in range(2))
    job = Job.objects.get(kind=KIND_NAME)
    assert first["Location"] == second["Location"] == reverse("jobs:detail", args=[job.pk])
    assert treasurer.get(url("statement_pdf", 1)).status_code == 405


def test_the_pdf_is_given_once_it_is_made(treasurer, contract_a, monkeypatch):
    assertContains(treasurer.get(url("statement", 1)), "Préparer le PDF")
    statement = Statement.objects.get()
    assert statement_document(statement) is None
    made = Document(filename="decompte.pdf")
    monkeypatch.setattr("funding.views.statements.statement_document", lambda _statement: made)
    for page in (url("statement", 1), url("schedule")):
        response = treasurer.get(page)
        assertContains(response, made.get_absolute_url())
        assertNotContains(response, "Préparer le PDF")
