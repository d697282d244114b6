"""A file of members that somebody brought, kept the time to read it, decide and write it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.jobs.models import Job
from core.organisations.models import Cpts
from members.enums import RowChoice, RowVerdict
from members.models.member import Member


class ImportFile(models.Model):
    """The rows of a file as they were read, how its columns are understood, and what it would change.

    `content` holds the rows, compressed (`members.domain.import_rows`); `mapping` names for each column of
    the file the column of the registry that it fills, "" for none. `counts` gives the number of rows by
    verdict; `fingerprint` identifies all that the plan would do, to agree to it and to nothing else. `job`
    is the background work that reads or writes. The whole is erased at `expires_at`, written or not.
    """

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="import_files", verbose_name="CPTS")
    name = models.CharField("fichier", max_length=150)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="envoyé par"
    )
    created_at = models.DateTimeField("envoyé le")
    expires_at = models.DateTimeField("conservé jusqu’au")
    headers = models.JSONField("en-têtes")
    content = models.BinaryField("lignes")
    row_count = models.PositiveIntegerField("nombre de lignes")
    mapping = models.JSONField("colonnes reconnues")
    empties = models.BooleanField("une cellule vide efface", default=False)
    members_since = models.DateField("membres depuis le", null=True, blank=True)
    job = models.ForeignKey(
        Job, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="travail"
    )
    planned_at = models.DateTimeField("lu le", null=True, blank=True)
    counts = models.JSONField("lignes par verdict", default=dict, blank=True)
    fingerprint = models.CharField("empreinte du plan", max_length=64, blank=True)
    is_stale = models.BooleanField("le registre a changé depuis", default=False)
    written_at = models.DateTimeField("enregistré le", null=True, blank=True)

    class Meta:
        verbose_name = "fichier de membres"
        verbose_name_plural = "fichiers de membres"
        indexes = [models.Index(fields=["expires_at"], name="members_importfile_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="members_importfile_expires_after",
                violation_error_message="Un fichier est conservé après avoir été envoyé.",
            ),
            models.CheckConstraint(
                condition=Q(planned_at=None, fingerprint="")
                | Q(planned_at__isnull=False) & ~Q(fingerprint=""),
                name="members_importfile_plan_whole",
                violation_error_message="Un fichier lu a un plan.",
            ),
            models.CheckConstraint(
                condition=Q(written_at=None) | Q(planned_at__isnull=False),
                name="members_importfile_written_as_planned",
                violation_error_message="Rien n’est enregistré sans avoir été montré.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """What the import would do with a row of the file, as it is shown; `choice` is what somebody decided.

    `differences` are label, value before, value after; `candidates` the entries that the row resembles, each
    with its key, its words and the reasons.
    """

    file = models.ForeignKey(ImportFile, models.PROTECT, related_name="rows", verbose_name="fichier")
    number = models.PositiveIntegerField("ligne")
    verdict = models.CharField("verdict", max_length=10, choices=RowVerdict)
    label = models.CharField("personne ou structure", max_length=260, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="inscrit"
    )
    differences = models.JSONField("différences", default=list, blank=True)
    reasons = models.JSONField("raisons", default=list, blank=True)
    advice = models.JSONField("conseils", default=list, blank=True)
    candidates = models.JSONField("inscrits ressemblants", default=list, blank=True)
    choice = models.CharField("choix", max_length=4, choices=RowChoice, blank=True)
    chosen = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="inscrit choisi"
    )

    class Meta:
        verbose_name = "ligne d’un fichier de membres"
        verbose_name_plural = "lignes d’un fichier de membres"
        ordering = ["number"]
        indexes = [models.Index(fields=["file", "verdict", "number"], name="members_importrow_verdict")]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "number"],
                name="members_importrow_once",
                violation_error_message="Cette ligne est déjà lue.",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=RowVerdict.values),
                name="members_importrow_verdict_known",
                violation_error_message="Ce verdict est inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(choice=RowChoice.SAME, chosen__isnull=False)
                | Q(choice__in=["", RowChoice.NEW, RowChoice.SKIP], chosen=None),
                name="members_importrow_choice_whole",
                violation_error_message="Dites de quel inscrit il s’agit.",
            ),
        ]

    def __str__(self) -> str:
        return f"Ligne {self.number}"
