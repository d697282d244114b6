"""Professionals in practice, from the open national directory (domain reference, section 11)."""

from typing import ClassVar

from django.db import models

from members.enums import Profession


class DirectoryEditionQuerySet(models.QuerySet["DirectoryEdition"]):
    """The questions asked about editions."""

    def current(self) -> "DirectoryEdition | None":
        """The latest edition read to its end, None before the first."""
        return self.filter(completed_at__isnull=False).order_by("-published_on", "-pk").first()


class DirectoryEdition(models.Model):
    """A file of the national directory, as it was read: only what falls in the territories is kept."""

    file_name = models.CharField("fichier", max_length=150)
    published_on = models.DateField("date du fichier")
    started_at = models.DateTimeField("lecture commencée le")
    completed_at = models.DateTimeField("lecture achevée le", null=True, blank=True)
    line_count = models.PositiveIntegerField("lignes lues", default=0)
    kept_count = models.PositiveIntegerField("professionnels gardés", default=0)

    objects: ClassVar[DirectoryEditionQuerySet] = DirectoryEditionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "édition de l’annuaire national"
        verbose_name_plural = "éditions de l’annuaire national"

    def __str__(self) -> str:
        return self.file_name


class Professional(models.Model):
    """Somebody in practice in a commune, as an edition says: only what coverage and invitations need."""

    edition = models.ForeignKey(
        DirectoryEdition, models.PROTECT, related_name="professionals", verbose_name="édition"
    )
    identifier = models.CharField("identification nationale", max_length=14)
    last_name = models.CharField("nom d’exercice", max_length=150)
    first_name = models.CharField("prénom d’exercice", max_length=100, blank=True)
    profession = models.CharField("profession", max_length=2, choices=Profession)
    is_general_practitioner = models.BooleanField("médecin généraliste", default=False)
    exercise_mode = models.CharField("mode d’exercice", max_length=10, blank=True)
    commune_code = models.CharField("code INSEE de la commune", max_length=5)
    structure_name = models.CharField("structure", max_length=200, blank=True)

    class Meta:
        verbose_name = "professionnel en exercice"
        verbose_name_plural = "professionnels en exercice"
        indexes = [
            models.Index(fields=["edition", "commune_code", "profession"], name="members_professional_place")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "identifier", "profession", "commune_code"],
                name="members_professional_once",
                violation_error_message="Ce professionnel est déjà compté dans cette commune.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
