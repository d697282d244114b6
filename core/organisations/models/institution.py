"""Institutions that review, and the part of the country each is in charge of."""

from django.db import models
from django.db.models import Q

from core.organisations.enums import InstitutionKind


class Institution(models.Model):
    """An ARS, a CPAM or an MSA whose agents review the dossiers of its scope."""

    kind = models.CharField("nature", max_length=10, choices=InstitutionKind)
    name = models.CharField("nom", max_length=150, unique=True)

    class Meta:
        verbose_name = "institution"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=InstitutionKind.values),
                name="organisations_institution_kind_known",
                violation_error_message="Cette nature d’institution est inconnue.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class InstitutionScope(models.Model):
    """A département or a région that an institution is in charge of, by its official code.

    Codes, not rows of a vintage: a new official geographic code changes nobody's scope.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="scopes", verbose_name="institution"
    )
    departement_code = models.CharField("code du département", max_length=3, blank=True)
    region_code = models.CharField("code de la région", max_length=3, blank=True)
    name = models.CharField("nom", max_length=100)

    class Meta:
        verbose_name = "ressort"
        verbose_name_plural = "ressorts"
        constraints = [
            models.CheckConstraint(
                condition=Q(departement_code="") ^ Q(region_code=""),
                name="organisations_institutionscope_one_place",
                violation_error_message="Un ressort est un département ou une région.",
            ),
            models.UniqueConstraint(
                fields=["institution", "departement_code", "region_code"],
                name="organisations_institutionscope_once",
                violation_error_message="Ce territoire est déjà dans le ressort de l’institution.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
