"""Communes, their postal codes and the communes they replaced."""

from django.db import models

from core.territories.enums import CommuneKind
from core.territories.models.division import Departement, Epci
from core.territories.models.vintage import Vintage


class Commune(models.Model):
    """A commune or an arrondissement municipal.

    An arrondissement has a parent commune and no EPCI of its own: the EPCI's members are whole communes.
    Six uninhabited territories have no figure: `population` is then None, which is not zero.
    """

    vintage = models.ForeignKey(Vintage, models.PROTECT, related_name="communes", verbose_name="millésime")
    departement = models.ForeignKey(
        Departement, models.PROTECT, related_name="communes", verbose_name="département"
    )
    epci = models.ForeignKey(
        Epci, models.PROTECT, related_name="communes", verbose_name="EPCI", null=True, blank=True
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="arrondissements",
        verbose_name="commune de l’arrondissement",
        null=True,
        blank=True,
    )
    kind = models.CharField("nature", max_length=14, choices=CommuneKind.choices)
    code = models.CharField("code INSEE", max_length=5)
    name = models.CharField("nom", max_length=100)
    search_name = models.CharField("nom replié pour la recherche", max_length=110)
    population = models.PositiveIntegerField("population municipale", null=True, blank=True)

    class Meta:
        verbose_name = "commune"
        indexes = [
            # Looking for words reads every name of a vintage: here, without the rest of the rows.
            models.Index(
                fields=["vintage", "search_name", "code", "parent"], name="territories_commune_search"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["vintage", "code"],
                name="territories_commune_unique",
                violation_error_message="Cette commune existe déjà dans ce millésime.",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=CommuneKind.COMMUNE, parent__isnull=True)
                | models.Q(kind=CommuneKind.ARRONDISSEMENT, parent__isnull=False, epci__isnull=True),
                name="territories_commune_kind_fits_parent",
                violation_error_message=(
                    "Un arrondissement dépend d’une commune et n’a pas d’EPCI propre\u00a0; "
                    "une commune ne dépend d’aucune autre."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def listed_epci(self) -> Epci | None:
        """The EPCI it is listed under: its own, or its city's. Reads `parent` and `epci`."""
        return self.parent.epci if self.parent else self.epci


class PostalCode(models.Model):
    """A postal code of a commune; one code may serve several communes and the reverse."""

    commune = models.ForeignKey(Commune, models.PROTECT, related_name="postal_codes", verbose_name="commune")
    code = models.CharField("code postal", max_length=5)

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "commune"],
                name="territories_postal_code_unique",
                violation_error_message="Cette commune a déjà ce code postal.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class FormerCommune(models.Model):
    """A commune that merged into `commune`: its code and name are still met in people's spreadsheets."""

    commune = models.ForeignKey(
        Commune, models.PROTECT, related_name="former_communes", verbose_name="commune actuelle"
    )
    code = models.CharField("ancien code INSEE", max_length=5)
    name = models.CharField("ancien nom", max_length=100, blank=True)
    search_name = models.CharField("nom replié pour la recherche", max_length=110, blank=True)

    class Meta:
        verbose_name = "ancienne commune"
        verbose_name_plural = "anciennes communes"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "commune"],
                name="territories_former_commune_unique",
                violation_error_message="Cette ancienne commune est déjà rattachée à cette commune.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.code} → {self.commune}"
