"""The statutes as a PDF: printed once for all that they say, kept as the papers of the association are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from core.audit.domain.fingerprints import fingerprint_of
from core.documents.domain.documents import document_about, store_document
from core.documents.domain.fingerprints import verification_url
from core.documents.domain.rendering import render_pdf
from core.documents.models import Document
from core.jobs.domain.jobs import enqueue_job
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from core.organisations.domain.followers import open_under
from core.organisations.domain.logo import logo_data
from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.domain.statutes import colleges_of
from members.domain.statutes_text import BLANK, Article, articles_of
from members.models import StatutesVersion
from members.rules import can_see_statutes

KIND_NAME = "members.statutes"
TITLE = "Statuts de l’association"
KEEP_FOR = timedelta(days=10 * 366)


def statutes_title(version: StatutesVersion) -> str:
    """Return what the document is called: a draft as long as nobody says that it was adopted."""
    return "Statuts" if version.adopted_on else "Projet de statuts"


def adoption_words(version: StatutesVersion) -> str:
    """Return the sentence that says when statutes were adopted, and since when they hold."""
    adopted = long_date(version.adopted_on) if version.adopted_on else BLANK
    return f"Adoptés le {adopted}. En vigueur à partir du {long_date(version.starts_on)}."


def request_statutes(version: StatutesVersion, *, now: datetime) -> Job:
    """Queue the PDF of a version in the caller's transaction, and return its job: one for what it says."""
    subject = _subject(version, _content(version))
    payload = {"version": version.pk, "cpts": version.cpts_id, "subject": subject}
    return enqueue_job(
        KIND_NAME,
        payload=payload,
        requester="",
        now=now,
        keep_for=KEEP_FOR,
        unique_key=f"{KIND_NAME}:{subject}",
    )


def statutes_document(version: StatutesVersion, articles: Sequence[Article]) -> Document | None:
    """Return the PDF that says what these articles say, None while it is not made."""
    return document_about(KIND_NAME, _subject(version, _said(version, articles)))


def make_statutes(job: Job, report: Report) -> None:
    """Print the statutes and keep them; what changed on the sheet since they were asked for is printed."""
    version = StatutesVersion.objects.select_related("cpts").get(pk=job.payload["version"])
    report(10, "Lecture des statuts")
    content = _content(version)
    subject = _subject(version, content)
    if document_about(KIND_NAME, subject):
        # A worker died after it stored the document and before it said so.
        return
    fingerprint = fingerprint_of(content)
    context = content | {
        "title": statutes_title(version),
        "logo": logo_data(version.cpts),
        "fingerprint": fingerprint,
        "verification_url": verification_url(fingerprint),
    }
    report(40, "Mise en page des statuts")
    now = timezone.now()
    pdf = render_pdf(
        "documents/statutes.html",
        context,
        title=f"{statutes_title(version)} – {version.cpts.name}",
        description=TITLE,
        author=version.cpts.name,
        created=now,
    )
    report(90, "Enregistrement")
    store_document(
        job=job,
        kind=KIND_NAME,
        title=TITLE,
        pdf=pdf,
        filename=f"statuts-{version.cpts.slug}-{version.starts_on:%Y-%m-%d}.pdf",
        fingerprint=fingerprint,
        now=now,
        expires_at=job.expires_at,
        cpts=version.cpts,
        subject=subject,
    )


def _content(version: StatutesVersion) -> dict[str, Any]:
    return _said(version, articles_of(version, version.cpts, colleges_of(version)))


def _said(version: StatutesVersion, articles: Sequence[Article]) -> dict[str, Any]:
    """All that the document says, as JSON values."""
    return {
        "name": version.cpts.name,
        "adoption": adoption_words(version),
        "city": version.cpts.city or BLANK,
        "articles": [
            {
                "heading": article.heading,
                "paragraphs": [
                    {"text": each.text, "entries": list(each.items)} for each in article.paragraphs
                ],
            }
            for article in articles
        ],
    }


def _subject(version: StatutesVersion, content: dict[str, Any]) -> str:
    """What a version says depends on the sheet too: another seat makes another document."""
    return f"statutes:{version.pk}:{fingerprint_of(content)[:16]}"


def _document_link(job: Job) -> tuple[str, str]:
    document = Document.objects.filter(job=job).first() or document_about(KIND_NAME, job.payload["subject"])
    return ("Télécharger les statuts", document.get_absolute_url()) if document else _back_link(job)


def _back_link(job: Job) -> tuple[str, str]:
    slug = Cpts.objects.get(pk=job.payload["cpts"]).slug
    return "Revenir aux statuts", reverse("members:statutes_version", args=[slug, job.payload["version"]])


STATUTES_PDF = JobKind(
    name=KIND_NAME,
    label="PDF des statuts",
    run=make_statutes,
    result_url=_document_link,
    back_url=_back_link,
    visible_to=open_under(can_see_statutes),
)
