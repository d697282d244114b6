"""A message to one person about one thing."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.notifications.enums import MailState
from core.organisations.models import Cpts


class NotificationQuerySet(models.QuerySet["Notification"]):
    """The questions asked about messages."""

    def to_person(self, user_id: int) -> "NotificationQuerySet":
        """Messages to somebody, the latest first."""
        return self.filter(recipient=user_id).order_by("-created_at", "-pk")

    def unread(self) -> "NotificationQuerySet":
        """Messages not read yet."""
        return self.filter(read_at=None)

    def to_mail(self, *, before: datetime) -> "NotificationQuerySet":
        """Messages written before `before` whose e-mail nobody took."""
        return self.filter(mail_state=MailState.WAITING, created_at__lte=before).order_by("pk")


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
    mailed_at = models.DateTimeField("e-mail parti le", null=True, blank=True)

    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notifications_recipient"),
            models.Index(
                fields=["created_at"],
                condition=Q(mail_state=MailState.WAITING),
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
        ]

    def __str__(self) -> str:
        return self.title
