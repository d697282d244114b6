"""One write, as the journal keeps it, and the chains that entries form."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from core.access.enums import Role

PLATFORM_CHAIN = "platform"


def chain_of(cpts_id: int | None) -> str:
    """Return the name of the chain of a CPTS, or of what belongs to none."""
    return PLATFORM_CHAIN if cpts_id is None else f"cpts-{cpts_id}"


class AuditChain(models.Model):
    """The head of a chain: how many entries it has, and the hash of the last.

    `seal` is a keyed hash of both: who can write in the database but does not hold the site's secret key
    cannot cut the end of a chain and set its head back. Its row is also the lock that puts entries in order.
    """

    name = models.CharField("chaîne", max_length=40, unique=True)
    length = models.PositiveBigIntegerField("nombre d’entrées", default=0)
    head = models.CharField("empreinte de la dernière entrée", max_length=64, blank=True)
    seal = models.CharField("sceau", max_length=64)

    class Meta:
        verbose_name = "chaîne du journal"
        verbose_name_plural = "chaînes du journal"
        constraints = [
            models.CheckConstraint(
                condition=Q(length=0, head="") | Q(Exact(Length("head"), 64), length__gt=0),
                name="audit_auditchain_head_of_entries",
                violation_error_message="Une chaîne a une empreinte de tête dès qu’elle a une entrée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.length})"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """The questions asked of the journal."""

    def about(self, target: models.Model) -> "AuditEntryQuerySet":
        """Entries about one object, the latest first."""
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by("-pk")

    def of_cpts(self, cpts_id: int) -> "AuditEntryQuerySet":
        """Entries of one CPTS, the latest first."""
        return self.filter(chain=chain_of(cpts_id)).order_by("-position")


class AuditEntry(models.Model):
    """Who did what to which object, as what, when, with each changed field before and after.

    The actor is a number, not a name: an account that is anonymised one day leaves the chain whole.
    `changes` maps a field to its two values, as JSON; `note` is a French sentence when values do not say it.
    """

    append_only = True

    chain = models.CharField("chaîne", max_length=40)
    position = models.PositiveBigIntegerField("rang")
    at = models.DateTimeField("date")
    actor_id = models.BigIntegerField("personne", null=True, blank=True)
    actor_role = models.CharField("rôle", max_length=20, choices=Role)
    action = models.CharField("action", max_length=60)
    target_type = models.CharField("type d’objet", max_length=60)
    target_id = models.CharField("numéro de l’objet", max_length=40)
    target_label = models.CharField("objet", max_length=200)
    changes = models.JSONField("changements", default=dict, blank=True)
    note = models.CharField("précision", max_length=500, blank=True)
    previous_hash = models.CharField("empreinte de l’entrée précédente", max_length=64, blank=True)
    hash = models.CharField("empreinte", max_length=64)

    objects: ClassVar[AuditEntryQuerySet] = AuditEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "entrées du journal"
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_auditentry_target"),
            # What the filters of the history offer: the kinds of objects and the people of a chain.
            models.Index(fields=["chain", "target_type"], name="audit_auditentry_types"),
            models.Index(fields=["chain", "actor_id"], name="audit_auditentry_actors"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "position"],
                name="audit_auditentry_once_per_position",
                violation_error_message="Ce rang de la chaîne est déjà pris.",
            ),
            models.CheckConstraint(
                condition=Q(actor_role__in=Role.values),
                name="audit_auditentry_role_known",
                violation_error_message="Ce rôle est inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(actor_role=Role.PLATFORM, actor_id=None)
                | ~Q(actor_role=Role.PLATFORM) & Q(actor_id__isnull=False),
                name="audit_auditentry_somebody_unless_platform",
                violation_error_message="Seule la plateforme agit sans personne.",
            ),
            models.CheckConstraint(
                condition=Q(position=1, previous_hash="")
                | Q(Exact(Length("previous_hash"), 64), position__gt=1),
                name="audit_auditentry_follows_another",
                violation_error_message="Une entrée suit la précédente, sauf la première.",
            ),
            models.CheckConstraint(
                condition=Exact(Length("hash"), 64),
                name="audit_auditentry_hash_whole",
                violation_error_message="Une empreinte compte 64 caractères.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label} ({self.at:%d/%m/%Y %H:%M})"
