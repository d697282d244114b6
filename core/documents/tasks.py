"""Envelopes of the documents app."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="documents.purge")
def purge() -> None:
    """Delete the files of expired documents."""
    from core.documents.domain.documents import purge_expired

    purge_expired(now=timezone.now())
