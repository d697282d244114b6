"""Envelopes: primitives in, one domain verb called. Each one is harmless when run twice."""

import socket
from uuid import UUID

from celery import shared_task
from django.utils import timezone


@shared_task(name="jobs.run_job")
def run_job(*, job_id: str) -> None:
    """Do one job, if it is still to do."""
    from core.jobs.domain.running import run_job

    run_job(UUID(job_id))


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Put lost jobs back to work."""
    from core.jobs.domain.jobs import sweep_jobs

    sweep_jobs(now=timezone.now())


@shared_task(name="jobs.purge")
def purge() -> None:
    """Forget expired jobs."""
    from core.jobs.domain.jobs import purge_expired

    purge_expired(now=timezone.now())


@shared_task(name="jobs.worker_sign_of_life")
def worker_sign_of_life() -> None:
    """Show that a worker takes messages and reaches the database."""
    from core.jobs.domain.signs import record_sign
    from core.jobs.enums import Process

    record_sign(Process.WORKER, now=timezone.now(), detail=socket.gethostname())
