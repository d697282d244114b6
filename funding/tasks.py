"""Envelopes of the funding app."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="funding.look_at_contracts")
def look_at_contracts() -> None:
    """Establish what anniversaries bring, and tell what became due."""
    from funding.domain.anniversaries import look_at_contracts

    look_at_contracts(now=timezone.now())
