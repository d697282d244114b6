"""Asking for a job, asking again, and putting back to work what was lost.

The row is written in the caller's transaction and the bell is rung on commit. A bell may be lost (broker
down, worker killed) or heard twice: `sweep_jobs` rings again, and a claim is granted once.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.jobs import tasks
from core.jobs.domain.limits import refuse_above
from core.jobs.domain.workflow import lock_job, move
from core.jobs.enums import JobState
from core.jobs.models import Job
from core.jobs.models.job import CLAIMS_GRANTED
from core.jobs.registry import kind_named

logger = logging.getLogger(__name__)

# A broken backlog must not turn one sweep into a flood of messages.
_SWEEP_BATCH = 100
# An expired job still answers "no longer kept" for a while, then its address is unknown.
_REMEMBERED = timedelta(days=30)

WORKER_LOST = (
    "Ce travail a été interrompu plusieurs fois sans pouvoir se terminer. "
    "Relancez-le\u00a0; si l’échec se répète, prévenez l’administrateur de la plateforme."
)


def enqueue_job(
    kind: str,
    *,
    payload: dict[str, Any],
    requester: str,
    now: datetime,
    keep_for: timedelta,
    unique_key: str | None = None,
    per_hour: int | None = None,
) -> Job:
    """Write a job to do in the caller's transaction and ring a worker once it is committed.

    `unique_key`: the same key gives the same job as long as it is kept, whoever asks.
    `per_hour`: limit on new jobs of this kind for this requester; raises RateLimitedError above it.
    Raises UnknownKindError for a kind that no app registered.
    """
    kind_named(kind)
    with transaction.atomic():
        if existing := _job_with_key(unique_key, now=now):
            return existing
        if per_hour is not None:
            refuse_above(per_hour, requester=requester, kind=kind, now=now)
        job = Job(
            kind=kind,
            payload=payload,
            requester=requester,
            unique_key=unique_key,
            created_at=now,
            rung_at=now,
            expires_at=now + keep_for,
        )
        return _insert(job)


def _job_with_key(unique_key: str | None, *, now: datetime) -> Job | None:
    """Return the kept job of this key; the key of an expired one is freed."""
    if unique_key is None:
        return None
    Job.objects.expired(now=now).filter(unique_key=unique_key).update(unique_key=None)
    return Job.objects.filter(unique_key=unique_key).first()


def _insert(job: Job) -> Job:
    """Insert the job, or return the one that a concurrent request inserted with the same key."""
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        if job.unique_key is None:
            raise
        return Job.objects.get(unique_key=job.unique_key)
    _ring_on_commit(job.pk)
    return job


def _ring_on_commit(job_id: UUID) -> None:
    def ring_committed() -> None:
        ring(job_id)

    # robust: with the broker down the request still succeeds, and the sweep rings later. Django names the
    # function in its log, which a partial does not let it do.
    transaction.on_commit(ring_committed, robust=True)


def ring(job_id: UUID) -> None:
    """Tell the workers that there is a job; the message dies when the sweep would ring again."""
    patience = settings.JOB_RING_AGAIN.total_seconds()
    tasks.run_job.apply_async(kwargs={"job_id": str(job_id)}, expires=patience, retry=False)


@transaction.atomic
def retry_job(job: Job, *, now: datetime) -> Job:
    """Queue a failed job again with as many attempts as a new one; any other job is left as it is."""
    locked = lock_job(job.pk)
    if locked.state == JobState.FAILED:
        _requeue(locked, now=now, attempt_limit=locked.attempt + CLAIMS_GRANTED)
    return locked


def _requeue(job: Job, *, now: datetime, **values: Any) -> None:
    blank = {"progress": 0, "progress_label": "", "error": ""}
    undated = {"started_at": None, "heartbeat_at": None, "finished_at": None}
    move(job, JobState.QUEUED, rung_at=now, **blank, **undated, **values)
    _ring_on_commit(job.pk)


def sweep_jobs(*, now: datetime) -> None:
    """Put back to work what was lost: running jobs that went silent, queued jobs nobody claimed.

    Harmless when run twice at once: each job is looked at again under its lock.
    """
    for job_id in Job.objects.silent(now=now, patience=settings.JOB_SILENCE_LIMIT).values_list(
        "pk", flat=True
    ):
        _recover(job_id, now=now)
    unanswered = Job.objects.unanswered(now=now, patience=settings.JOB_RING_AGAIN)
    for job_id in unanswered.values_list("pk", flat=True)[:_SWEEP_BATCH]:
        _ring_again(job_id, now=now)


@transaction.atomic
def _recover(job_id: UUID, *, now: datetime) -> None:
    job = Job.objects.silent(now=now, patience=settings.JOB_SILENCE_LIMIT).filter(pk=job_id)
    locked = job.select_for_update().first()
    if locked is None:
        return
    logger.warning("job %s: its worker went silent in attempt %s", locked.pk, locked.attempt)
    if locked.attempt < locked.attempt_limit:
        _requeue(locked, now=now)
    else:
        move(locked, JobState.FAILED, error=WORKER_LOST, finished_at=now)


def _ring_again(job_id: UUID, *, now: datetime) -> None:
    """Ring for a job unless another sweep just did: only the one that dates the bell rings it."""
    waiting = Job.objects.unanswered(now=now, patience=settings.JOB_RING_AGAIN).filter(pk=job_id)
    if waiting.update(rung_at=now):
        ring(job_id)


def purge_expired(*, now: datetime) -> int:
    """Delete jobs expired for a month; return how many. One that a kept document cites stays."""
    deleted = 0
    for job in Job.objects.expired(now=now - _REMEMBERED).iterator():
        try:
            job.delete()
        except ProtectedError:
            continue
        deleted += 1
    return deleted
