"""Outlines of communes, loaded by the operator for maps."""

from django.db import models

from core.territories.models.commune import Commune


class CommuneContour(models.Model):
    """The simplified outline of a commune.

    `rings` is a list of rings, each a flat list of integers lon, lat, lon, lat… in ten-thousandths of a
    degree (about 10 m). Neighbours share the very same points, so that a common border can be recognised.
    """

    commune = models.OneToOneField(
        Commune, models.PROTECT, related_name="contour", primary_key=True, verbose_name="commune"
    )
    rings = models.JSONField("anneaux")
    west = models.IntegerField("bord ouest")
    south = models.IntegerField("bord sud")
    east = models.IntegerField("bord est")
    north = models.IntegerField("bord nord")

    class Meta:
        verbose_name = "contour de commune"
        verbose_name_plural = "contours de communes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(west__lte=models.F("east"), south__lte=models.F("north")),
                name="territories_contour_box_ordered",
                violation_error_message="Le cadre d’un contour va de l’ouest à l’est et du sud au nord.",
            ),
        ]
        indexes = [models.Index(fields=["west", "east"], name="territories_contour_box")]

    def __str__(self) -> str:
        return f"Contour de {self.commune}"
