"""What a worker does with a job: claim it, do it, give signs of life, tell how it ended."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.jobs.domain.signs import record_sign
from core.jobs.domain.workflow import lock_attempt, move
from core.jobs.enums import JobState, Process
from core.jobs.errors import AttemptLostError, JobError
from core.jobs.models import Job
from core.jobs.models.job import JobQuerySet
from core.jobs.registry import kind_named

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

UNEXPECTED = (
    "Une erreur inattendue a interrompu ce travail. "
    "Relancez-le\u00a0; si l’échec se répète, prévenez l’administrateur de la plateforme."
)
TOO_LONG = (
    "Ce travail a dépassé la durée permise et a été arrêté. "
    "Relancez-le\u00a0; si l’échec se répète, demandez moins de données à la fois."
)


def run_job(job_id: UUID, *, clock: Clock = timezone.now) -> None:
    """Claim a job, do it and write how it ended; does nothing when it cannot be claimed.

    An error of the work itself is written in the row, not raised. A worker whose attempt was given to
    another stops without a trace.
    """
    job = claim_job(job_id, now=clock())
    if job is None:
        return
    try:
        _work(job, clock)
    except AttemptLostError as lost:
        logger.warning("%s", lost)


def _work(job: Job, clock: Clock) -> None:
    try:
        with _heartbeat(job, clock):
            kind_named(job.kind).run(job, partial(report_progress, job, clock=clock))
    except AttemptLostError:
        raise
    except JobError as error:
        fail_job(job, str(error), now=clock())
    except SoftTimeLimitExceeded:
        fail_job(job, TOO_LONG, now=clock())
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        fail_job(job, UNEXPECTED, now=clock())
    else:
        finish_job(job, now=clock())


@transaction.atomic
def claim_job(job_id: UUID, *, now: datetime) -> Job | None:
    """Give the job to the caller and number its attempt; None when it is gone, expired or not waiting."""
    job = Job.objects.select_for_update().filter(pk=job_id, state=JobState.QUEUED, expires_at__gt=now).first()
    if job is None:
        return None
    return move(job, JobState.RUNNING, attempt=job.attempt + 1, started_at=now, heartbeat_at=now)


@transaction.atomic
def finish_job(job: Job, *, now: datetime) -> None:
    """Write that the work is done; raises AttemptLostError for an attempt that is no longer at work."""
    move(lock_attempt(job), JobState.DONE, progress=100, progress_label="", finished_at=now)


@transaction.atomic
def fail_job(job: Job, reason: str, *, now: datetime) -> None:
    """Write why the work cannot be done; raises AttemptLostError for an attempt no longer at work."""
    move(lock_attempt(job), JobState.FAILED, error=reason[:500] or UNEXPECTED, finished_at=now)


def report_progress(job: Job, percent: int, label: str, *, clock: Clock) -> None:
    """Write how far the work is (0 to 100, French label); raises AttemptLostError."""
    values = {"progress": max(0, min(percent, 100)), "progress_label": label[:200], "heartbeat_at": clock()}
    if not _still_at_work(job).update(**values):
        raise AttemptLostError(f"Job {job.pk}: attempt {job.attempt} is no longer the one at work")


def _still_at_work(job: Job) -> JobQuerySet:
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)


@contextmanager
def _heartbeat(job: Job, clock: Clock) -> Iterator[None]:
    """Give signs of life from a thread while the work goes on, whatever it is busy with."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_beat_until, args=(stop, job, clock), name=f"heartbeat-{job.pk}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat_until(stop: threading.Event, job: Job, clock: Clock) -> None:
    pause = settings.JOB_SILENCE_LIMIT.total_seconds() / 3
    try:
        while not stop.wait(pause):
            beat(job, now=clock())
    finally:
        # A thread has its own connection, which nobody else would close.
        connection.close()


def beat(job: Job, *, now: datetime) -> None:
    """Note that a worker is at work on this job; a database out of reach is tried again at the next beat."""
    try:
        _still_at_work(job).update(heartbeat_at=now)
        # A worker busy with one long job would otherwise look dead.
        record_sign(Process.WORKER, now=now, detail=socket.gethostname())
    except DatabaseError:
        logger.warning("job %s: heartbeat not written", job.pk, exc_info=True)
        connection.close_if_unusable_or_obsolete()
