"""A message to one person about one thing."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q

from core.notifications.enums import MailState
from core.organisations.models import Cpts

MOST_ATTEMPTS = 5
"""How often an e-mail that the server refuses is handed to it again."""

_IS_READ = ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())


class NotificationQuerySet(models.QuerySet["Notification"]):
    """The questions asked about messages."""

    def to_person(self, user_id: int) -> "NotificationQuerySet":
        """Messages to somebody: what they have not read yet, then the rest, the latest first."""
        return self.filter(recipient=user_id).order_by(_IS_READ, "-created_at", "-pk")

    def unread(self) -> "NotificationQuerySet":
        """Messages not read yet."""
        return self.filter(read_at=None)

    def to_mail(self, *, refused_before: datetime) -> "NotificationQuerySet":
        """Messages whose e-mail is to be sent: never tried, or refused before then and not too often yet.

        Nothing leaves to an account closed since.
        """
        refused = Q(mail_tried_at__lte=refused_before, mail_attempts__lt=MOST_ATTEMPTS)
        waiting = Q(mail_state=MailState.WAITING) | Q(refused, mail_state=MailState.FAILED)
        return self.filter(waiting, recipient__is_active=True)


class Notification(models.Model):
    """What a person is told, once: `key` names the occasion, whoever tells it and however often.

    `path` is the page to open, from the root of the site; `body` is plain text. The e-mail says the same.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notifications", verbose_name="destinataire"
    )
    cpts = models.ForeignKey(
        Cpts, models.PROTECT, null=True, blank=True, related_name="notifications", verbose_name="CPTS"
    )
    key = models.CharField("occasion", max_length=120)
    title = models.CharField("objet", max_length=200)
    body = models.TextField("texte")
    path = models.CharField("page à ouvrir", max_length=300)
    created_at = models.DateTimeField("écrit le")
    read_at = models.DateTimeField("lu le", null=True, blank=True)
    mail_state = models.CharField("e-mail", max_length=10, choices=MailState, default=MailState.WAITING)
    mail_attempts = models.PositiveSmallIntegerField("e-mail présenté", default=0)
    mail_tried_at = models.DateTimeField("e-mail présenté le", null=True, blank=True)
    mailed_at = models.DateTimeField("e-mail parti le", null=True, blank=True)

    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notifications_recipient"),
            models.Index(
                fields=["created_at"],
                condition=Q(mail_state__in=[MailState.WAITING, MailState.FAILED]),
                name="notifications_to_mail",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "key"],
                name="notifications_notification_once",
                violation_error_message="Cette personne a déjà reçu ce message.",
            ),
            models.CheckConstraint(
                condition=Q(mail_state__in=MailState.values),
                name="notifications_notification_mail_state_known",
                violation_error_message="L’état de cet e-mail est inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(mail_state=MailState.SENT, mailed_at__isnull=False)
                | ~Q(mail_state=MailState.SENT) & Q(mailed_at=None),
                name="notifications_notification_sent_is_dated",
                violation_error_message="Un e-mail parti est daté.",
            ),
            models.CheckConstraint(
                condition=Q(mail_state=MailState.WAITING, mail_attempts=0, mail_tried_at=None)
                | ~Q(mail_state=MailState.WAITING) & Q(mail_attempts__gte=1, mail_tried_at__isnull=False),
                name="notifications_notification_waits_until_tried",
                violation_error_message="Un e-mail attend jusqu’à ce qu’il soit présenté.",
            ),
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),
                name="notifications_notification_opens_a_page_of_ours",
                violation_error_message="Un message ouvre une page de la plateforme.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
