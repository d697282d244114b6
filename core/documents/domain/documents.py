"""Issuing a document, forgetting its file when it expires."""

import hashlib
import uuid
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from core.documents.models import Document
from core.documents.models.document import stored_name
from core.jobs.domain.workflow import lock_attempt
from core.jobs.models import Job
from core.organisations.models import Cpts


@transaction.atomic
def store_document(
    *,
    job: Job | None,
    kind: str,
    title: str,
    pdf: bytes,
    filename: str,
    fingerprint: str,
    now: datetime,
    expires_at: datetime,
    cpts: Cpts | None = None,
    subject: str = "",
) -> Document:
    """Keep a document until `expires_at` and return it.

    A job has one document of a kind: when it is run again after a crash, the new file takes the place of
    the old one. Raises AttemptLostError when the job was given to another worker in the meantime.
    `title` is shown to anyone who verifies the document: it never tells its content. With a `cpts`, the file
    is given to those whom the rule of its kind lets read it (`core.documents.registry`); a `subject` has one
    document of a kind, and IntegrityError refuses a second one.
    """
    if job is not None:
        lock_attempt(job)
    document_id = _document_id(job, kind)
    values = {
        "job": job,
        "kind": kind,
        "cpts": cpts,
        "subject": subject,
        "title": title,
        "filename": filename,
        "fingerprint": fingerprint,
        "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
        "size": len(pdf),
        "file": _write(stored_name(document_id), pdf),
        "created_at": now,
        "expires_at": expires_at,
    }
    document, _ = Document.objects.update_or_create(pk=document_id, defaults=values)
    return document


def _document_id(job: Job | None, kind: str) -> uuid.UUID:
    # Derived from the job, so that a second run writes over the first one's row and file: neither is left.
    return uuid.uuid4() if job is None else uuid.uuid5(job.pk, kind)


def _write(name: str, pdf: bytes) -> str:
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(pdf))


def document_about(kind: str, subject: str) -> Document | None:
    """Return the document of this kind about a subject, None when there is none yet."""
    return Document.objects.filter(kind=kind, subject=subject).first()


def document_link(job: Job) -> tuple[str, str]:
    """Return the French label and the address of a done job's document, for a job kind's `result_url`."""
    document = Document.objects.get(job=job)
    return "Télécharger le PDF", document.get_absolute_url()


def purge_expired(*, now: datetime) -> int:
    """Delete the files of expired documents and return how many; rows stay, for verification.

    The job is let go: it may be forgotten too. Harmless when run twice at once.
    """
    deleted = 0
    for document in Document.objects.with_file_to_delete(now=now).iterator():
        document.file.delete(save=False)
        Document.objects.filter(pk=document.pk).update(file="", file_deleted_at=now, job=None)
        deleted += 1
    return deleted
