"""The states of a job: the table of moves and the one gate through which every move goes."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.jobs.enums import JobState
from core.jobs.errors import AttemptLostError, ForbiddenTransitionError
from core.jobs.models import Job

logger = logging.getLogger(__name__)

TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    # A worker claims it.
    JobState.QUEUED: frozenset({JobState.RUNNING}),
    # The work ends, cannot be done, or its worker died.
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.QUEUED}),
    JobState.DONE: frozenset(),
    # Somebody asks to run it again.
    JobState.FAILED: frozenset({JobState.QUEUED}),
}

# A date is never written before the one it follows: clocks of two machines may differ a little.
_FOLLOWS = {"started_at": "created_at", "heartbeat_at": "created_at", "finished_at": "started_at"}


def lock_job(job_id: UUID) -> Job:
    """Return the job, locked until the end of the caller's transaction; raises Job.DoesNotExist."""
    return Job.objects.select_for_update().get(pk=job_id)


def lock_attempt(job: Job) -> Job:
    """Return the job locked, provided that the caller's attempt is still the one at work.

    In: the job as the worker claimed it. Raises AttemptLostError when a newer attempt exists, or when the
    job was requeued, ended or deleted in the meantime: a worker believed dead may not write any more.
    """
    locked = Job.objects.select_for_update().filter(pk=job.pk).first()
    if locked is None or locked.state != JobState.RUNNING or locked.attempt != job.attempt:
        raise AttemptLostError(f"Job {job.pk}: attempt {job.attempt} is no longer the one at work")
    return locked


def move(job: Job, target: JobState, **values: Any) -> Job:
    """Write a locked job in its new state with `values`; raises ForbiddenTransitionError."""
    if target not in TRANSITIONS[JobState(job.state)]:
        raise ForbiddenTransitionError(f"Job {job.pk} may not go from {job.state} to {target}")
    source = job.state
    for name, value in values.items():
        setattr(job, name, _in_order(job, name, value))
    job.state = target
    job.save(update_fields=["state", *values])
    logger.info("job %s (%s, attempt %s): %s -> %s", job.pk, job.kind, job.attempt, source, target)
    return job


def _in_order(job: Job, name: str, value: Any) -> Any:
    if value is None or name not in _FOLLOWS:
        return value
    return max(value, getattr(job, _FOLLOWS[name]))
