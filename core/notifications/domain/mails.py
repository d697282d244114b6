"""The e-mails of messages: each leaves once, or says that it did not (`delivery` says why)."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse

from core.notifications.domain.delivery import BATCH, BETWEEN_ATTEMPTS, Clock, deliver, was_taken
from core.notifications.enums import MailState
from core.notifications.models import Notification


def send_mails(*, clock: Clock) -> int:
    """Send the e-mails that wait, and return how many left.

    Harmless when run twice at once. A server out of reach leaves them waiting, a refusal is tried again
    later, five times in all; a connection that breaks stops there, and the next sweep does the others.
    """
    waiting = Notification.objects.to_mail(refused_before=clock() - BETWEEN_ATTEMPTS)
    mails = list(waiting.select_related("recipient", "cpts").order_by("pk")[:BATCH])
    return deliver(mails, lambda connection, mail: _sent(connection, mail, clock))


def _sent(connection: BaseEmailBackend, notification: Notification, clock: Clock) -> bool:
    return _claim(notification, now=clock()) and _send(connection, notification, clock)


def _claim(notification: Notification, *, now: datetime) -> bool:
    """Take a message that nobody took since it was read."""
    as_read = {"mail_state": notification.mail_state, "mail_attempts": notification.mail_attempts}
    claimed = Notification.objects.filter(pk=notification.pk, **as_read).update(
        mail_state=MailState.CLAIMED, mail_attempts=F("mail_attempts") + 1, mail_tried_at=now
    )
    return claimed == 1


def _send(connection: BaseEmailBackend, notification: Notification, clock: Clock) -> bool:
    """Hand a claimed message over, and write what became of it; raises what leaves a doubt."""
    if not was_taken(_mail_of(notification, connection), f"message {notification.pk}"):
        _write(notification, mail_state=MailState.FAILED)
        return False
    _write(notification, mail_state=MailState.SENT, mailed_at=clock())
    return True


def _write(notification: Notification, **values: object) -> None:
    Notification.objects.filter(pk=notification.pk, mail_state=MailState.CLAIMED).update(**values)


def _mail_of(notification: Notification, connection: BaseEmailBackend) -> EmailMessage:
    link = settings.SITE_URL + reverse("notifications:message", args=[notification.pk])
    words = {"notification": notification, "link": link, "site_url": settings.SITE_URL}
    body = render_to_string("notifications/message.txt", words)
    # A header is one line.
    subject = " ".join(notification.title.splitlines())
    return EmailMessage(subject, body, to=[notification.recipient.email], connection=connection)
