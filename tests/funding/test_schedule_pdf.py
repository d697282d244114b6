"""The PDF of a simulation: made by a job, and a fingerprint of all that it says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pypdf import PdfReader

from core.documents.models import Document
from core.jobs.domain.running import run_job
from core.jobs.enums import JobState
from core.jobs.models import Job
from funding.domain import schedule_pdf
from funding.domain.baremes import published_texts
from funding.domain.schedule_pdf import make_schedule_pdf, request_schedule_pdf
from funding.domain.simulation import SimulationInput, SimulationResult, parse_simulation, run_simulation
from tests.factories.territories import VILLEDIEU
from tests.funding.simulations import EXAMPLE_A

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
ADDRESS = "https://cpts.example.org/simulateur/?signature=2023-03-15"


def requested(*, address: str = ADDRESS, **changes: Any) -> Job:
    payload = {key: value for key, value in (EXAMPLE_A | changes).items() if value is not None}
    result = run_simulation(parse_simulation(payload))
    return request_schedule_pdf(payload, result=result, address=address, requester="a" * 64, now=NOW)


def made(**changes: Any) -> Document:
    """Ask for the PDF and let a worker make it."""
    job = requested(**changes)
    run_job(job.pk)
    return Document.objects.get(job=job)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    """Stop every clock at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def quick_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print nothing: what is looked at is the fingerprint."""
    monkeypatch.setattr(schedule_pdf, "render_pdf", lambda *_context, **_metadata: b"%PDF-")


def test_the_document_tells_the_whole_simulation() -> None:
    document = made(crisis_plan_year=1)
    with document.file.open() as file:
        pages = [page.extract_text() for page in PdfReader(file).pages]
    text = " ".join(" ".join(pages).split())

    assert "Contrat signé le 15 mars 2023, terme le 15 mars 2028" in text
    assert "1 170 147,54 €" in text
    assert "15 septembre 2023 : 39 159,84 €" in text
    assert "182/366" in text
    assert "60 200 habitants" in text
    assert "première rédaction du plan de crise" in text
    assert document.fingerprint in text.replace(" ", "")
    assert "/simulateur/?signature=2023-03-15" in text.replace(" ", "")


def test_it_is_kept_as_long_as_its_job() -> None:
    document = made()

    assert (document.title, document.filename) == ("Échéancier ACI simulé", "echeancier-aci.pdf")
    assert document.expires_at == NOW + timedelta(days=1)
    assert document.job.state == JobState.DONE
    assert document.job.payload == {"simulation": EXAMPLE_A, "address": ADDRESS}


@pytest.mark.usefixtures("quick_print")
def test_a_job_done_again_leaves_one_document() -> None:
    """A worker may die after it stored the document and before it said so."""
    job = requested()
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1, started_at=NOW, heartbeat_at=NOW)
    job.refresh_from_db()
    steps: list[tuple[int, str]] = []
    for _ in range(2):
        make_schedule_pdf(job, lambda percent, label: steps.append((percent, label)))

    assert Document.objects.filter(job=job).count() == 1
    assert [percent for percent, _label in steps] == [10, 40, 90] * 2


@pytest.mark.usefixtures("quick_print")
def test_the_same_simulation_has_the_same_fingerprint() -> None:
    assert made().fingerprint == made().fingerprint


@pytest.mark.usefixtures("quick_print")
@pytest.mark.parametrize(
    "change", [{"signed_on": "2023-03-14"}, {"population": 60_201}, {"default_attainment": "0.81"}]
)
def test_another_simulation_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert made(**change).fingerprint != made().fingerprint


@pytest.mark.usefixtures("quick_print")
def test_another_hypothesis_has_another_fingerprint_even_when_no_amount_changes() -> None:
    nothing_reached = {"default_attainment": "0"}
    former, other = made(**nothing_reached), made(**nothing_reached, prorate_first_variable=False)

    assert other.fingerprint != former.fingerprint


@pytest.mark.usefixtures("granville", "quick_print")
def test_the_fingerprint_holds_every_commune_not_the_population_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_villedieu(request: SimulationInput) -> SimulationResult:
        result = run_simulation(request)
        return replace(result, territory=result.territory.without(commune="50639"))

    by_communes = {"population": None, "territory": {"epci": [VILLEDIEU]}}
    former = made(**by_communes)
    monkeypatch.setattr(schedule_pdf, "run_simulation", without_villedieu)

    # From another address: the same request would be answered by the same job.
    assert made(**by_communes, address=f"{ADDRESS}&atteinte=100").fingerprint != former.fingerprint


@pytest.mark.usefixtures("quick_print")
def test_the_fingerprint_holds_the_files_of_the_texts_and_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprints = [made().fingerprint]
    corrected = [replace(text, sha256="0" * 64) for text in published_texts()]
    monkeypatch.setattr(schedule_pdf, "published_texts", lambda: corrected)
    fingerprints.append(made().fingerprint)
    monkeypatch.setattr(schedule_pdf, "ENGINE_VERSION", "9.9.9")
    fingerprints.append(made().fingerprint)

    assert len(set(fingerprints)) == 3
