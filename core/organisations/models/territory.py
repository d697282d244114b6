"""The dated territory of a CPTS: what it held from a day to another, never rewritten."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.ui.formatting import long_date


class TerritoryVersionQuerySet(models.QuerySet["TerritoryVersion"]):
    """The questions asked about territories."""

    def in_force(self, day: date) -> "TerritoryVersionQuerySet":
        """Versions that hold on `day`: at most one per CPTS."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class TerritoryVersion(models.Model):
    """The communes of a CPTS from `starts_on` to the eve of `ends_on` (None: until further notice).

    The population, its source and its year are those read when the version was decided: a later vintage of
    the official code changes nothing. A version that another one replaces on its very first day never held:
    it stays readable, with `ends_on` equal to `starts_on`.
    """

    cpts = models.ForeignKey(
        "organisations.Cpts", models.PROTECT, related_name="territories", verbose_name="CPTS"
    )
    starts_on = models.DateField("en vigueur du")
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    vintage_year = models.PositiveSmallIntegerField("millésime du code officiel géographique")
    population = models.PositiveIntegerField("population municipale")
    population_source = models.CharField("source de la population", max_length=300)
    commune_count = models.PositiveSmallIntegerField("nombre de communes")
    recorded_at = models.DateTimeField("enregistré le")

    objects: ClassVar[TerritoryVersionQuerySet] = TerritoryVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "territoire"
        verbose_name_plural = "territoires"
        constraints = [
            models.UniqueConstraint(
                fields=["cpts"],
                condition=Q(ends_on=None),
                name="organisations_territoryversion_one_open",
                violation_error_message="Une CPTS n’a qu’un territoire en vigueur.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="organisations_territoryversion_dates_in_order",
                violation_error_message="Un territoire finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(commune_count__gte=1),
                name="organisations_territoryversion_has_communes",
                violation_error_message="Un territoire compte au moins une commune.",
            ),
        ]

    def __str__(self) -> str:
        return f"Territoire du {long_date(self.starts_on)}"


class TerritoryCommune(models.Model):
    """A commune of a territory as the official code had it then: name, EPCI and population are copies.

    `city_code` is that of the whole commune: its own, or the city of an arrondissement municipal. Two CPTS
    overlap on a commune, or when one holds a city whole and the other an arrondissement of it.
    """

    append_only = True

    territory = models.ForeignKey(
        TerritoryVersion, models.PROTECT, related_name="communes", verbose_name="territoire"
    )
    code = models.CharField("code INSEE", max_length=5)
    city_code = models.CharField("code INSEE de la ville", max_length=5)
    name = models.CharField("nom", max_length=100)
    departement_code = models.CharField("code du département", max_length=3)
    departement_name = models.CharField("département", max_length=100)
    region_code = models.CharField("code de la région", max_length=3)
    epci_code = models.CharField("code EPCI", max_length=9, blank=True)
    epci_name = models.CharField("EPCI", max_length=200, blank=True)
    population = models.PositiveIntegerField("population municipale", null=True, blank=True)

    class Meta:
        verbose_name = "commune d’un territoire"
        verbose_name_plural = "communes d’un territoire"
        indexes = [
            models.Index(fields=["city_code"], name="organisations_tc_city"),
            # A reviewer's scope reads these two alone, for every CPTS of the country at once.
            models.Index(fields=["departement_code", "territory"], name="organisations_tc_departement"),
            models.Index(fields=["region_code", "territory"], name="organisations_tc_region"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "code"],
                name="organisations_territorycommune_once",
                violation_error_message="Cette commune est déjà dans le territoire.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
