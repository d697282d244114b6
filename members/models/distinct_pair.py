"""Entries that look alike and that somebody said to be others."""

from django.db import models
from django.db.models import F, Q

from members.models.member import Member


class DistinctPair(models.Model):
    """Two entries of a registry that are not the same person: they are not shown as duplicates again.

    The one with the lower key comes first, so that a pair is there once.
    """

    first = models.ForeignKey(
        Member, models.PROTECT, related_name="distinct_after", verbose_name="premier inscrit"
    )
    second = models.ForeignKey(
        Member, models.PROTECT, related_name="distinct_before", verbose_name="second inscrit"
    )
    told_at = models.DateTimeField("distingués le")

    class Meta:
        verbose_name = "inscrits distingués"
        verbose_name_plural = "inscrits distingués"
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="members_distinctpair_once",
                violation_error_message="Ces deux inscrits sont déjà distingués.",
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="members_distinctpair_in_order",
                violation_error_message="Un inscrit se distingue d’un autre, le premier d’abord.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} et {self.second}"
