"""What groups communes: régions, départements and EPCI."""

from django.db import models

from core.territories.models.vintage import Vintage


class Region(models.Model):
    """A région, or an overseas territory that stands for one."""

    vintage = models.ForeignKey(Vintage, models.PROTECT, related_name="regions", verbose_name="millésime")
    code = models.CharField("code", max_length=3)
    name = models.CharField("nom", max_length=100)

    class Meta:
        verbose_name = "région"
        constraints = [
            models.UniqueConstraint(
                fields=["vintage", "code"],
                name="territories_region_unique",
                violation_error_message="Cette région existe déjà dans ce millésime.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Departement(models.Model):
    """A département, with the year its population figures were counted (None: it varies or is unknown)."""

    vintage = models.ForeignKey(
        Vintage, models.PROTECT, related_name="departements", verbose_name="millésime"
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="departements", verbose_name="région")
    code = models.CharField("code", max_length=3)
    name = models.CharField("nom", max_length=100)
    population_year = models.PositiveSmallIntegerField("année des populations", null=True, blank=True)

    class Meta:
        verbose_name = "département"
        constraints = [
            models.UniqueConstraint(
                fields=["vintage", "code"],
                name="territories_departement_unique",
                violation_error_message="Ce département existe déjà dans ce millésime.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Epci(models.Model):
    """An intercommunalité with its own taxation; its figures are those of its communes, summed at load."""

    vintage = models.ForeignKey(Vintage, models.PROTECT, related_name="epcis", verbose_name="millésime")
    code = models.CharField("code SIREN", max_length=9)
    kind = models.CharField("nature juridique", max_length=6)
    name = models.CharField("nom", max_length=200)
    search_name = models.CharField("nom replié pour la recherche", max_length=210)
    population = models.PositiveIntegerField("population municipale")
    commune_count = models.PositiveSmallIntegerField("nombre de communes")

    class Meta:
        verbose_name = "EPCI"
        verbose_name_plural = "EPCI"
        constraints = [
            models.UniqueConstraint(
                fields=["vintage", "code"],
                name="territories_epci_unique",
                violation_error_message="Cet EPCI existe déjà dans ce millésime.",
            ),
            models.CheckConstraint(
                condition=models.Q(commune_count__gte=1),
                name="territories_epci_has_communes",
                violation_error_message="Un EPCI compte au moins une commune.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
