"""A vintage of the official geographic code."""

from typing import ClassVar

from django.db import models


class VintageQuerySet(models.QuerySet["Vintage"]):
    """Sets of vintages."""

    def current(self) -> "Vintage | None":
        """Return the latest vintage loaded, None when none is."""
        return self.order_by("-year").first()


class Vintage(models.Model):
    """One year's official geographic code, and where its figures come from."""

    year = models.PositiveSmallIntegerField("millésime", unique=True)
    population_label = models.CharField("source des populations", max_length=200)
    package = models.CharField("jeu de données", max_length=200)
    licence = models.CharField("licence", max_length=200)
    digest = models.CharField("empreinte du fichier chargé", max_length=64)

    objects: ClassVar[VintageQuerySet] = VintageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "millésime du code officiel géographique"
        verbose_name_plural = "millésimes du code officiel géographique"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(year__gte=2000, year__lte=2100),
                name="territories_vintage_year_plausible",
                violation_error_message="Le millésime est une année entre 2000 et 2100.",
            ),
        ]

    def __str__(self) -> str:
        return f"Code officiel géographique {self.year}"
