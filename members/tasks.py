"""Envelopes of the members app."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="members.look_at_fees")
def look_at_fees() -> None:
    """Write the reminders of fees that are due, and send the e-mails that wait."""
    from members.domain.fee_mails import send_notices
    from members.domain.fee_reminders import look_at_fees

    look_at_fees(now=timezone.now())
    send_notices(clock=timezone.now)


@shared_task(name="members.purge_imports")
def purge_imports() -> None:
    """Erase the files of members whose time is over."""
    from members.domain.import_files import purge_files

    purge_files(now=timezone.now())
