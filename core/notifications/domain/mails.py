"""The e-mails of messages: each leaves once, or says that it did not.

A mail server cannot be asked whether it took a message. So an e-mail is claimed in the database before it is
handed over, and what is claimed is never handed over again: of a worker killed in between, or a connection
cut in the middle, there remains "Envoi incertain", which is better than the same e-mail twice.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse

from core.notifications.enums import MailState
from core.notifications.models import Notification

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BETWEEN_ATTEMPTS = timedelta(minutes=15)
"""How long a server that refused an e-mail is left alone before it is handed the same one again."""

# One sweep must not hold a worker for the whole of a national evening.
_BATCH = 200
# What a server answers when it did not take the message: it may be handed over again.
_REFUSALS = (SMTPResponseException, SMTPRecipientsRefused, SMTPSenderRefused)
# Anything else may have happened after the server took it.
_DOUBTS = (SMTPException, OSError)


def send_mails(*, clock: Clock) -> int:
    """Send the e-mails that wait, and return how many left.

    Harmless when run twice at once. A server out of reach leaves them waiting, a refusal is tried again
    later, five times in all; a connection that breaks stops there, and the next sweep does the others.
    """
    waiting = Notification.objects.to_mail(refused_before=clock() - BETWEEN_ATTEMPTS)
    mails = list(waiting.select_related("recipient", "cpts").order_by("pk")[:_BATCH])
    if not mails:
        return 0
    try:
        connection = get_connection()
        connection.open()
    except _DOUBTS:
        logger.warning("mail server out of reach, %s messages wait", len(mails), exc_info=True)
        return 0
    return _sent_through(connection, mails, clock)


def _sent_through(connection: BaseEmailBackend, mails: list[Notification], clock: Clock) -> int:
    sent = 0
    try:
        for notification in mails:
            sent += _claim(notification, now=clock()) and _send(connection, notification, clock)
    except _DOUBTS:
        logger.exception("mail server lost, one message may have left or not")
    finally:
        _close(connection)
    return sent


def _claim(notification: Notification, *, now: datetime) -> bool:
    """Take a message that nobody took since it was read."""
    as_read = {"mail_state": notification.mail_state, "mail_attempts": notification.mail_attempts}
    claimed = Notification.objects.filter(pk=notification.pk, **as_read).update(
        mail_state=MailState.CLAIMED, mail_attempts=F("mail_attempts") + 1, mail_tried_at=now
    )
    return claimed == 1


def _send(connection: BaseEmailBackend, notification: Notification, clock: Clock) -> bool:
    """Hand a claimed message over, and write what became of it; raises what leaves a doubt."""
    try:
        _mail_of(notification, connection).send()
    except _REFUSALS:
        logger.warning("message %s refused by the mail server", notification.pk, exc_info=True)
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


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except _DOUBTS:
        logger.warning("mail server hung up", exc_info=True)
