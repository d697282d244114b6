"""The PDF of a simulated schedule: asked from the simulator, made by a worker."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.audit.domain.fingerprints import fingerprint_of
from core.documents.domain.documents import document_link, store_document
from core.documents.domain.fingerprints import verification_url
from core.documents.domain.rendering import render_pdf
from core.jobs.domain.jobs import enqueue_job
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from funding.documents import schedule_context
from funding.domain.advice import warnings
from funding.domain.assumptions import assumptions
from funding.domain.baremes import published_texts
from funding.domain.simulation import SimulationResult, parse_simulation, run_simulation, to_json
from funding.engine import ENGINE_VERSION

KEEP_FOR = timedelta(days=1)
"""An anonymous PDF is kept a day: long enough to fetch it, not to archive it."""

KIND_NAME = "funding.simulated_schedule"
TITLE = "Échéancier ACI simulé"
DESCRIPTION = "Versements de l’accord conventionnel sur cinq ans, expliqués ligne par ligne"
AUTHOR = "Plateforme CPTS"


def request_schedule_pdf(
    payload: dict[str, Any], *, result: SimulationResult, address: str, requester: str, now: datetime
) -> Job:
    """Queue the PDF of a simulation and return its job; asked twice, the same document is one job.

    `payload` is a simulation as `manage.py simulate` reads it, `result` what it gives; `address` is printed
    in the document. Raises RateLimitedError above CPTS_ANONYMOUS_PDF_PER_HOUR for one `requester`.
    """
    document = {"proof": _proof(result), "address": address, "requester": requester}
    return enqueue_job(
        KIND_NAME,
        payload={"simulation": payload, "address": address},
        requester=requester,
        now=now,
        keep_for=KEEP_FOR,
        unique_key=f"{KIND_NAME}:{fingerprint_of(document)}",
        per_hour=settings.ANONYMOUS_PDF_PER_HOUR,
    )


def make_schedule_pdf(job: Job, report: Report) -> None:
    """Compute the schedule again from the job's payload, render it and store the document."""
    report(10, "Calcul de l’échéancier")
    result = run_simulation(parse_simulation(job.payload["simulation"]))
    fingerprint = fingerprint_of(_proof(result))
    context = schedule_context(
        result.schedule,
        assumptions=assumptions(result),
        warnings=warnings(result),
        territory=result.territory,
        address=job.payload["address"],
    )
    context |= {"fingerprint": fingerprint, "verification_url": verification_url(fingerprint)}
    report(40, "Mise en page du document")
    now = timezone.now()
    pdf = render_pdf(
        "documents/schedule.html", context, title=TITLE, description=DESCRIPTION, author=AUTHOR, created=now
    )
    report(90, "Enregistrement")
    store_document(
        job=job,
        kind=KIND_NAME,
        title=TITLE,
        pdf=pdf,
        filename="echeancier-aci.pdf",
        fingerprint=fingerprint,
        now=now,
        expires_at=job.expires_at,
    )


def _proof(result: SimulationResult) -> dict[str, Any]:
    """All that the document asserts: every line, what it rests on, the engine and the texts that made it."""
    used = {year.bareme.code for year in result.schedule.years}
    texts = {text.bareme.code: text.sha256 for text in published_texts() if text.bareme.code in used}
    return {
        "engine": ENGINE_VERSION,
        "texts": texts,
        "assumptions": assumptions(result),
        "communes": [commune.code for commune in result.territory.communes] if result.territory else [],
        "schedule": to_json(result),
    }


def _simulation_link(job: Job) -> tuple[str, str]:
    return "Revenir à la simulation", job.payload["address"]


SCHEDULE_PDF = JobKind(
    name=KIND_NAME,
    label="PDF de l’échéancier",
    run=make_schedule_pdf,
    result_url=document_link,
    back_url=_simulation_link,
)
