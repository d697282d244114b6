"""Whether an association takes applications from its public form."""

from typing import ClassVar

from django.db import models

from core.organisations.models import Cpts


class AdmissionDeskQuerySet(models.QuerySet["AdmissionDesk"]):
    """The questions asked about desks."""

    def is_open(self, cpts_id: int) -> bool:
        """Whether the public form of a CPTS takes applications: not before somebody opened it."""
        return self.filter(cpts=cpts_id, is_open=True).exists()


class AdmissionDesk(models.Model):
    """The public form of a CPTS: open or closed, since when. Without a row it was never opened."""

    cpts = models.OneToOneField(Cpts, models.PROTECT, related_name="admission_desk", verbose_name="CPTS")
    is_open = models.BooleanField("formulaire public ouvert", default=False)
    since = models.DateTimeField("depuis le")

    objects: ClassVar[AdmissionDeskQuerySet] = AdmissionDeskQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "guichet des demandes d’adhésion"
        verbose_name_plural = "guichets des demandes d’adhésion"

    def __str__(self) -> str:
        return f"Formulaire d’adhésion de {self.cpts}"
