"""Handing e-mails over to the mail server, whoever they are for: what each of its answers means.

A mail server cannot be asked whether it took a message. So an e-mail is claimed in the database before it is
handed over, and what is claimed is never handed over again: of a worker killed in between, or a connection
cut in the middle, there remains "Envoi incertain", which is better than the same e-mail twice.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from typing import TypeVar

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Waiting = TypeVar("Waiting")

BETWEEN_ATTEMPTS = timedelta(minutes=15)
"""How long a server that refused an e-mail is left alone before it is handed the same one again."""

BATCH = 200
"""One sweep must not hold a worker for the whole of a national evening."""

# What a server answers when it did not take the message: it may be handed over again.
_REFUSALS = (SMTPResponseException, SMTPRecipientsRefused, SMTPSenderRefused)
# Anything else may have happened after the server took it.
_DOUBTS = (SMTPException, OSError)


def deliver(waiting: Sequence[Waiting], send: Callable[[BaseEmailBackend, Waiting], bool]) -> int:
    """Send what waits through one connection, and return how many left.

    `send(connection, each)` claims one, hands it over and tells whether it left. A server out of reach
    leaves them all waiting; a connection that breaks stops there, and the next sweep does the others.
    """
    if not waiting:
        return 0
    try:
        connection = get_connection()
        connection.open()
    except _DOUBTS:
        logger.warning("mail server out of reach, %s e-mails wait", len(waiting), exc_info=True)
        return 0
    sent = 0
    try:
        for each in waiting:
            sent += send(connection, each)
    except _DOUBTS:
        logger.exception("mail server lost, one e-mail may have left or not")
    finally:
        _close(connection)
    return sent


def was_taken(mail: EmailMessage, name: str) -> bool:
    """Hand over the claimed e-mail of `name` and tell whether it was taken; raises what leaves a doubt."""
    try:
        mail.send()
    except _REFUSALS:
        logger.warning("%s refused by the mail server", name, exc_info=True)
        return False
    return True


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except _DOUBTS:
        logger.warning("mail server hung up", exc_info=True)
