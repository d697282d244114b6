"""Envelopes of the notifications app."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="notifications.send_mails")
def send_mails() -> None:
    """Send the e-mails that wait."""
    from core.notifications.domain.mails import send_mails

    send_mails(clock=timezone.now)
