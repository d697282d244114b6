"""A document that the platform issued."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.urls import reverse

from core.jobs.models import Job
from core.organisations.models import Cpts


class DocumentQuerySet(models.QuerySet["Document"]):
    """The questions asked about documents."""

    def with_file_to_delete(self, *, now: datetime) -> "DocumentQuerySet":
        """Documents past their date whose file is still there."""
        return self.filter(expires_at__lte=now, file_deleted_at=None)

    def with_fingerprint(self, fingerprint: str) -> "DocumentQuerySet":
        """Documents of this content, the first issued first."""
        return self.filter(fingerprint=fingerprint).order_by("created_at")

    def with_file_hash(self, pdf_sha256: str) -> "DocumentQuerySet":
        """Documents whose file is this one, byte for byte, the first issued first."""
        return self.filter(pdf_sha256=pdf_sha256).order_by("created_at")


def stored_name(document_id: uuid.UUID) -> str:
    """Return the path of a document's file under MEDIA_ROOT, which no address serves."""
    return f"documents/{document_id.hex[:2]}/{document_id}.pdf"


class Document(models.Model):
    """A PDF, and the proof that it was issued here.

    `fingerprint` is that of the content, printed in the document; `pdf_sha256` that of the file. The file
    goes when it expires; the row stays, so that a copy can still be verified. `title` is public: it says
    what the document is, never what is in it. One that belongs to a CPTS is given to those who may read its
    kind there (`core.documents.registry`); the others to whoever knows their address. `subject` names what it
    is about: one document of a kind per subject.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(
        Job, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="travail"
    )
    cpts = models.ForeignKey(
        Cpts, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="CPTS"
    )
    kind = models.CharField("nature", max_length=60)
    subject = models.CharField("sujet", max_length=80, blank=True, default="", db_default="")
    title = models.CharField("intitulé public", max_length=200)
    filename = models.CharField("nom du fichier", max_length=120)
    fingerprint = models.CharField("empreinte du contenu", max_length=64, db_index=True)
    pdf_sha256 = models.CharField("empreinte du fichier", max_length=64, db_index=True)
    size = models.PositiveIntegerField("taille (octets)")
    file = models.FileField("fichier", blank=True)
    created_at = models.DateTimeField("établi le")
    expires_at = models.DateTimeField("conservé jusqu’au")
    file_deleted_at = models.DateTimeField("fichier effacé le", null=True, blank=True)

    objects: ClassVar[DocumentQuerySet] = DocumentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documents"
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(file_deleted_at=None), name="documents_document_to_delete"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "kind"],
                name="documents_document_once_per_job",
                violation_error_message="Ce travail a déjà produit ce document.",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=~Q(subject=""),
                name="documents_document_once_per_subject",
                violation_error_message="Ce document existe déjà.",
            ),
            models.CheckConstraint(
                condition=Exact(Length("fingerprint"), 64) & Exact(Length("pdf_sha256"), 64),
                name="documents_document_hashes_whole",
                violation_error_message="Une empreinte compte 64 caractères.",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0),
                name="documents_document_not_empty",
                violation_error_message="Un document n’est pas vide.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="documents_document_expires_after_creation",
                violation_error_message="Un document est conservé après avoir été établi.",
            ),
            models.CheckConstraint(
                # Without the second "isnull", an unknown comparison would let an empty file through.
                condition=Q(file_deleted_at__isnull=True) & ~Q(file="")
                | Q(file_deleted_at__isnull=False, file_deleted_at__gte=F("created_at"), file=""),
                name="documents_document_file_until_deleted",
                violation_error_message="Un document a un fichier jusqu’à ce qu’il soit effacé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"

    def get_absolute_url(self) -> str:
        """Return the address of the download: who may open it is said above."""
        return reverse("documents:download", args=[self.pk, self.filename])

    def is_expired(self, *, now: datetime) -> bool:
        """Tell whether the file is no longer given."""
        return self.file_deleted_at is not None or self.expires_at <= now
