"""A list that somebody keeps: its filters, its order, its columns."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.organisations.models import Cpts


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """The questions asked about saved views."""

    def open_to(self, cpts_id: int, user_id: int | None) -> "SavedViewQuerySet":
        """Those that somebody who keeps the registry may open: their own, and those shared."""
        return self.filter(Q(owner=user_id) | Q(is_shared=True), cpts=cpts_id)


class SavedView(models.Model):
    """The query of a list's address, under a name: for its author, or for all who keep the registry."""

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="member_views", verbose_name="CPTS")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="member_views", verbose_name="auteur"
    )
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres, ordre et colonnes", max_length=1000, blank=True)
    is_shared = models.BooleanField("partagée", default=False)
    created_at = models.DateTimeField("enregistrée le")

    objects: ClassVar[SavedViewQuerySet] = SavedViewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "vue enregistrée"
        verbose_name_plural = "vues enregistrées"
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "owner", "name"],
                name="members_savedview_name_once",
                violation_error_message="Vous avez déjà une vue de ce nom.",
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="members_savedview_has_name",
                violation_error_message="Nommez cette vue.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
