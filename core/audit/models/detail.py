"""What an entry says of somebody, beside its chain: it can be erased, and the chain stays whole."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from core.audit.models.entry import AuditEntry


def subject_key(row: models.Model) -> str:
    """Return how a detail names the row it tells of: "<app>.<model>:<number>"."""
    return f"{row._meta.label_lower}:{row.pk}"


class AuditDetailQuerySet(models.QuerySet["AuditDetail"]):
    """The questions asked about details."""

    def telling_of(self, *rows: models.Model) -> "AuditDetailQuerySet":
        """Details that tell of these rows."""
        return self.filter(subject__in=[subject_key(row) for row in rows])


class AuditDetail(models.Model):
    """The label, the changes and the note of an entry about somebody (`core.audit.domain.details`).

    The entry holds a digest of it, salted: as long as the detail is there it can be verified, and once it is
    deleted, its salt with it, nothing can be guessed from the digest.
    """

    append_only = True
    erasable = True

    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="detail", verbose_name="entrée")
    subject = models.CharField("personne ou structure concernée", max_length=101)
    salt = models.CharField("sel", max_length=64)
    content = models.JSONField("contenu")

    objects: ClassVar[AuditDetailQuerySet] = AuditDetailQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "détail effaçable du journal"
        verbose_name_plural = "détails effaçables du journal"
        indexes = [models.Index(fields=["subject"], name="audit_auditdetail_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Exact(Length("salt"), 64),
                name="audit_auditdetail_salt_whole",
                violation_error_message="Un sel compte 64 caractères.",
            ),
            models.CheckConstraint(
                condition=~Q(subject=""),
                name="audit_auditdetail_has_subject",
                violation_error_message="Un détail dit de qui il parle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.entry_id})"
