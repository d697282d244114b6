"""What members are told about their fee, each step once."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.notifications.models.notification import MOST_ATTEMPTS
from members.enums import NOT_SENT, FeeStep, NoticeState
from members.models.fee import FeeCall


class FeeNoticeQuerySet(models.QuerySet["FeeNotice"]):
    """The questions asked about notices."""

    def to_mail(self, *, refused_before: datetime) -> "FeeNoticeQuerySet":
        """Notices to send: never tried, or refused before then and not too often yet."""
        refused = Q(tried_at__lte=refused_before, attempts__lt=MOST_ATTEMPTS)
        return self.filter(Q(state=NoticeState.WAITING) | Q(refused, state=NoticeState.FAILED))

    def not_sent(self) -> "FeeNoticeQuerySet":
        """Notices of which nobody can say that they left."""
        return self.filter(state__in=sorted(NOT_SENT))


class FeeNotice(models.Model):
    """A call or a reminder told to a member by e-mail, or to be printed when they have no address.

    `due_on` is the due date it speaks of. Claimed before it is handed over to the mail server, and never
    handed over again by itself: after a crash it says that it may not have left.
    """

    call = models.ForeignKey(FeeCall, models.PROTECT, related_name="notices", verbose_name="appel")
    step = models.CharField("étape", max_length=6, choices=FeeStep)
    due_on = models.DateField("échéance rappelée")
    state = models.CharField("envoi", max_length=8, choices=NoticeState, default=NoticeState.WAITING)
    attempts = models.PositiveSmallIntegerField("présenté", default=0)
    tried_at = models.DateTimeField("présenté le", null=True, blank=True)
    sent_at = models.DateTimeField("parti le", null=True, blank=True)
    created_at = models.DateTimeField("écrit le")

    objects: ClassVar[FeeNoticeQuerySet] = FeeNoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "avis de cotisation"
        verbose_name_plural = "avis de cotisation"
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=[NoticeState.WAITING, NoticeState.FAILED]),
                name="members_feenotice_to_mail",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "step"],
                name="members_feenotice_once",
                violation_error_message="Cet avis a déjà été établi.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NoticeState.values) & Q(step__in=FeeStep.values),
                name="members_feenotice_state_known",
                violation_error_message="L’étape ou l’état de cet avis est inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False)
                | ~Q(state=NoticeState.SENT) & Q(sent_at=None),
                name="members_feenotice_sent_is_dated",
                violation_error_message="Un avis parti est daté.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[NoticeState.CLAIMED, NoticeState.SENT, NoticeState.FAILED])
                & Q(attempts__gte=1, tried_at__isnull=False)
                | Q(state__in=[NoticeState.WAITING, NoticeState.PAPER, NoticeState.DROPPED]),
                name="members_feenotice_tried_is_dated",
                violation_error_message="Un avis présenté au serveur est daté.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_step_display()
