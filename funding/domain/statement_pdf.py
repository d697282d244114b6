"""The PDF of a statement: what was stored, printed once and kept as long as accounts are."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from core.documents.domain.documents import document_about, store_document
from core.documents.domain.fingerprints import verification_url
from core.documents.domain.rendering import render_pdf
from core.documents.models import Document
from core.jobs.domain.jobs import enqueue_job
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from core.organisations.domain.followers import open_under
from core.organisations.domain.logo import logo_data
from funding.documents import statement_context
from funding.domain.followed_lines import line_of_row
from funding.domain.statement_words import applied_texts, inputs_in_words, occasion_words
from funding.domain.statements import differences_with_previous
from funding.models import Statement
from funding.rules import can_see_schedule

KIND_NAME = "funding.statement_pdf"
KEEP_FOR = timedelta(days=3653)
"""Ten years, as accounting pieces are kept (domain reference, section 8)."""

DESCRIPTION = "Versements de l’accord conventionnel, expliqués ligne par ligne"


def title_of(statement: Statement) -> str:
    """Return the title of a statement's PDF; it is public, and tells no figure."""
    return f"Échéancier ACI – décompte n°\u00a0{statement.version}"


def request_statement_pdf(statement: Statement, *, now: datetime) -> Job:
    """Queue the PDF of a statement in the caller's transaction, and return its job: always the same one."""
    return enqueue_job(
        KIND_NAME,
        payload={"statement": statement.pk, "cpts": statement.contract.cpts_id},
        requester="",
        now=now,
        keep_for=KEEP_FOR,
        unique_key=f"{KIND_NAME}:{statement.pk}",
    )


def statement_document(statement: Statement) -> Document | None:
    """Return the PDF of a statement, None while it is not made."""
    return document_about(KIND_NAME, _subject(statement.pk))


def make_statement_pdf(job: Job, report: Report) -> None:
    """Print the stored lines of a statement and keep the document; nothing is computed again."""
    statement = Statement.objects.select_related("contract__cpts").get(pk=job.payload["statement"])
    if statement_document(statement):
        # A worker died after it stored the document and before it said so.
        return
    report(10, "Lecture du décompte")
    context = _context(statement)
    report(40, "Mise en page du document")
    now, title, cpts = timezone.now(), title_of(statement), statement.contract.cpts
    pdf = render_pdf(
        "documents/statement.html",
        context,
        title=title,
        description=DESCRIPTION,
        author=statement.parties["cpts"]["name"],
        created=now,
    )
    report(90, "Enregistrement")
    store_document(
        job=job,
        kind=KIND_NAME,
        title=title,
        pdf=pdf,
        filename=f"echeancier-aci-decompte-{statement.version}.pdf",
        fingerprint=statement.fingerprint,
        now=now,
        expires_at=job.expires_at,
        cpts=cpts,
        subject=_subject(statement.pk),
    )


def _context(statement: Statement) -> dict[str, object]:
    rows = list(statement.lines.order_by("position"))
    lines = [line_of_row(row) for row in rows]
    labels = {line.mission: line.mission_label for line in lines}
    context = statement_context(
        statement,
        lines=lines,
        received=frozenset(line.key for line, row in zip(lines, rows, strict=True) if row.received),
        changes=differences_with_previous(statement),
    )
    return context | {
        "title": title_of(statement),
        "occasion": occasion_words(statement),
        "inputs": inputs_in_words(statement.inputs, labels),
        "texts": applied_texts(statement),
        "logo": logo_data(statement.contract.cpts),
        "verification_url": verification_url(statement.fingerprint),
    }


def _subject(statement_id: int) -> str:
    return f"statement:{statement_id}"


def _document_link(job: Job) -> tuple[str, str]:
    document = document_about(KIND_NAME, _subject(job.payload["statement"]))
    return ("Télécharger le PDF", document.get_absolute_url()) if document else _back_link(job)


def _back_link(job: Job) -> tuple[str, str]:
    statement = Statement.objects.select_related("contract__cpts").get(pk=job.payload["statement"])
    address = reverse("contract:statement", args=[statement.contract.cpts.slug, statement.version])
    return "Revenir au décompte", f"{address}?contrat={statement.contract_id}"


STATEMENT_PDF = JobKind(
    name=KIND_NAME,
    label="PDF du décompte",
    run=make_statement_pdf,
    result_url=_document_link,
    back_url=_back_link,
    visible_to=open_under(can_see_schedule),
)
