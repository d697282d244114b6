"""The PDF of a statement: printed once from what was stored, kept for those who may see the schedule."""

import base64
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from PIL import Image
from pypdf import PdfReader

from core.access.enums import Role
from core.documents.domain.documents import purge_expired
from core.documents.models import Document
from core.jobs.domain.jobs import purge_expired as purge_expired_jobs
from core.jobs.domain.running import run_job
from core.jobs.enums import JobState
from core.jobs.models import Job
from funding.domain import statement_pdf
from funding.domain.statement_pdf import (
    KEEP_FOR,
    make_statement_pdf,
    request_statement_pdf,
    statement_document,
)
from funding.models import Statement
from tests.factories.contracts import make_territory
from tests.factories.funding import EXAMPLE_A, NOW, change, receive, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_nine() -> Iterator[None]:
    """Stop every clock at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def printed(monkeypatch):
    """Print nothing, and return what would have been printed."""
    contexts = []

    def keep(_template, context, **metadata):
        contexts.append(context | {"metadata": metadata})
        return b"%PDF-"

    monkeypatch.setattr(statement_pdf, "render_pdf", keep)
    return contexts


def job_of(statement):
    return Job.objects.get(unique_key=f"funding.statement_pdf:{statement.pk}")


def made(statement) -> Document:
    """Let a worker make the PDF."""
    run_job(job_of(statement).pk)
    return Document.objects.get(subject=f"statement:{statement.pk}")


def text_of(document) -> str:
    with document.file.open() as file:
        pages = [page.extract_text() for page in PdfReader(file).pages]
    return " ".join(" ".join(pages).split())


def test_the_document_tells_the_whole_statement(cpts):
    for name, value in {"siret": "73282932000074", "finess": "500000001", "city": "Granville"}.items():
        setattr(cpts, name, value)
    cpts.save()
    values = EXAMPLE_A.__class__(**{**vars(EXAMPLE_A), "territory": make_territory(cpts)})
    contract = sign(cpts, values)
    receive(contract, date(2023, 3, 15))
    statement = change(
        contract, size=3, computed_size=2, size_reason="Accord du 2 mars", reason="Taille revue"
    )

    text = text_of(made(statement))

    for words in (
        "CPTS du Littoral d’essai",
        "Échéancier ACI – décompte n° 2",
        "Contrat signé le 15 mars 2023, terme le 15 mars 2028",
        "73282932000074",
        "500000001",
        "Granville",
        "Camille Essai, présidente",
        "CPAM d’essai",
        "32 communes, en vigueur du 1er janvier 2022",
        "60 200 habitants. Source : INSEE, populations municipales 2023",
        "3 (la population donne 2). Raison : Accord du 2 mars",
        "Changement. Taille revue",
        "Déjà reçu à l’établissement 60 000,00 €",
        "15 mars 2023 : 60 000,00 €",
        "Reçu",
        "182/366",
        "Régularisations",
        "15 mars 2027 15 000,00 €",
        "Différences avec le décompte n° 1",
        "ligne ajoutée",
        "Moteur de calcul : version 1.0.0.",
    ):
        assert words in text, words
    bare = text.replace(" ", "")
    assert statement.fingerprint in bare
    assert statement.texts["avenant-2"] in bare
    assert f"/documents/verifier/{statement.fingerprint}/" in bare


def test_an_adjustment_that_brings_a_year_below_zero_is_drawn(cpts):
    contract = sign(cpts)
    receive(contract, date(2025, 3, 15))
    statement = change(contract, expected_attainment=Decimal("0.1"))

    text = text_of(made(statement))

    # 2027 alone goes below zero, hence one of the two drawings.
    assert text.count("Total, une fois déduit ce qui est sous zéro") == 1
    assert "Versements par année civile" in text


def test_the_first_one_differs_from_nothing(cpts):
    sign(cpts)

    text = text_of(made(Statement.objects.get()))

    assert "Différences" not in text
    assert "Régularisations" not in text
    assert "1 170 147,54 €" in text


def test_it_is_kept_ten_years_with_its_cpts_and_its_subject(cpts, printed):
    sign(cpts)
    statement = Statement.objects.get()
    document = made(statement)

    assert (document.title, document.filename) == (
        "Échéancier ACI – décompte n°\u00a01",
        "echeancier-aci-decompte-1.pdf",
    )
    assert (document.cpts, document.kind, document.subject) == (
        cpts,
        "funding.statement_pdf",
        f"statement:{statement.pk}",
    )
    assert (document.fingerprint, document.expires_at) == (statement.fingerprint, NOW + KEEP_FOR)
    assert NOW.replace(year=2036) <= document.expires_at < NOW.replace(year=2036) + timedelta(days=2)
    assert purge_expired(now=NOW + KEEP_FOR - timedelta(seconds=1)) == 0
    assert purge_expired_jobs(now=NOW + timedelta(days=3650)) == 0
    assert statement_document(statement) == document


def test_it_is_printed_from_the_rows_alone(cpts, printed, monkeypatch):
    contract = sign(cpts)
    first = Statement.objects.get()
    receive(contract, date(2023, 3, 15))
    change(contract, cpam_party="CPAM d’à côté", expected_attainment=Decimal("0.5"))
    cpts.name = "CPTS renommée"
    cpts.save()

    made(first)

    (context,) = printed
    assert context["statement"].total == Decimal("1170147.54")
    assert context["parties"]["contract"]["cpam_party"] == "CPAM d’essai"
    assert context["metadata"]["author"] == "CPTS du Littoral d’essai"
    assert context["received_total"] == 0
    assert not any(line["received"] for due in context["due_dates"] for line in due["lines"])


def test_a_job_run_again_leaves_one_document(cpts, printed):
    sign(cpts)
    statement = Statement.objects.get()
    first = made(statement)
    Job.objects.update(state=JobState.RUNNING, attempt=2, progress=0, finished_at=None)

    make_statement_pdf(job_of(statement), lambda _percent, _label: None)

    assert Document.objects.get() == first
    assert len(printed) == 1


def test_another_job_about_the_same_statement_leaves_one_document(cpts, printed):
    sign(cpts)
    statement = Statement.objects.get()
    made(statement)
    Job.objects.update(unique_key=None)
    again = request_statement_pdf(statement, now=NOW)

    run_job(again.pk)

    assert Document.objects.count() == len(printed) == 1
    again.refresh_from_db()
    assert again.state == JobState.DONE
    assert statement_pdf.STATEMENT_PDF.result_url(again)[0] == "Télécharger le PDF"


def test_asked_again_it_is_the_same_job(cpts):
    sign(cpts)
    statement = Statement.objects.get()

    assert request_statement_pdf(statement, now=NOW + timedelta(days=365)) == job_of(statement)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("is_there", [True, False])
def test_the_logo_is_carried_by_the_document(cpts, printed, is_there):
    stream = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(stream, format="PNG")
    cpts.logo.save("logo.png", ContentFile(stream.getvalue()))
    if not is_there:
        cpts.logo.storage.delete(cpts.logo.name)
    sign(cpts)

    made(Statement.objects.get())

    expected = f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}" if is_there else ""
    assert printed[0]["logo"] == expected


def test_a_logo_is_printed(cpts):
    stream = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(stream, format="PNG")
    cpts.logo.save("logo.png", ContentFile(stream.getvalue()))
    sign(cpts)
    document = made(Statement.objects.get())

    with document.file.open() as file:
        assert len(PdfReader(file).pages[0].images) == 1


# --- Who may have it ------------------------------------------------------------------------------

ROLES = [
    (Role.COORDINATOR, 200),
    (Role.TREASURER, 200),
    (Role.BOARD, 200),
    (Role.REVIEWER, 200),
    (Role.MEMBER, 404),
    (Role.ADMINISTRATOR, 404),
]


@pytest.mark.parametrize(("role", "status"), ROLES)
def test_who_may_see_the_schedule_may_have_its_pdf_and_follow_it(cpts, printed, sign_in, role, status):
    sign(cpts)
    statement = Statement.objects.get()
    document, job = made(statement), job_of(statement)
    browser = sign_in(role)

    response = browser.get(document.get_absolute_url())
    assert response.status_code == status
    if status == 200:
        assert b"".join(response.streaming_content) == b"%PDF-"
    assert browser.get(f"/travaux/{job.pk}/").status_code == status


def test_the_treasurer_of_another_cpts_has_nothing(cpts, other_cpts, printed, sign_in):
    sign(cpts)
    document, job = made(Statement.objects.get()), Job.objects.get()
    browser = sign_in(Role.TREASURER, other_cpts)

    assert browser.get(document.get_absolute_url()).status_code == 404
    assert browser.get(f"/travaux/{job.pk}/").status_code == 404


def test_the_page_of_the_job_leads_to_the_file_and_back(cpts, printed, sign_in):
    sign(cpts)
    statement = Statement.objects.get()
    document = made(statement)

    page = sign_in(Role.TREASURER).get(f"/travaux/{job_of(statement).pk}/").content.decode()

    assert document.get_absolute_url() in page
    assert f"/cpts/littoral/decomptes/1/?contrat={statement.contract_id}" in page


def test_verification_tells_the_title_and_the_day_only(cpts, printed, client):
    sign(cpts)
    statement = Statement.objects.get()
    made(statement)

    page = client.get(f"/documents/verifier/{statement.fingerprint}/").content.decode()

    assert "Document authentique" in page
    assert "Échéancier ACI – décompte n°\u00a01" in page
    assert "20 mars 2026 à 10\u00a0h\u00a000" in page
    for secret in ("Littoral", "littoral", "1\u202f170\u202f147,54", "170147"):
        assert secret not in page


def test_two_clocks_do_not_make_two_fingerprints(cpts, printed):
    """What is printed is the fingerprint of the statement, whenever the PDF is made."""
    sign(cpts)
    statement = Statement.objects.get()
    with time_machine.travel(datetime(2026, 4, 1, tzinfo=UTC), tick=False):
        document = made(statement)

    assert document.fingerprint == statement.fingerprint
