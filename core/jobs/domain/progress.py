"""What a person is told about a job."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from core.access.actors import Actor
from core.jobs.enums import JobState
from core.jobs.errors import UnknownKindError
from core.jobs.models import Job
from core.jobs.registry import kind_named


@dataclass(frozen=True)
class JobProgress:
    """A job as its page shows it, with French labels and addresses.

    `result` is that of the result, once done; `back` that of the page where the job was asked.
    """

    job: Job
    label: str
    is_expired: bool
    result: tuple[str, str] | None
    back: tuple[str, str] | None

    @property
    def percent(self) -> int:
        """Return how far the job is, from 0 to 100."""
        return self.job.progress

    @property
    def step(self) -> str:
        """Return what is being done, in French."""
        return self.job.progress_label or self.job.get_state_display()

    @property
    def stamp(self) -> str:
        """Return a text that changes whenever what the page shows changes."""
        job = self.job
        return f"{job.state}-{job.attempt}-{job.progress}-{job.progress_label}-{int(self.is_expired)}"

    @property
    def query(self) -> str:
        """Return the query string that tells the server what the page already shows."""
        return urlencode({"vu": self.stamp})


def can_follow(job: Job, actor: Actor | None) -> bool:
    """Tell whether somebody may see how far a job is, as its kind says."""
    try:
        return kind_named(job.kind).visible_to(job, actor)
    except UnknownKindError:
        # Of a job of another version, nothing is shown but its state.
        return True


def progress_of(job: Job, *, now: datetime) -> JobProgress:
    """Return what to show of a job at `now`."""
    expired = job.is_expired(now=now)
    try:
        kind = kind_named(job.kind)
    except UnknownKindError:
        # The job was asked from another version of the platform.
        return JobProgress(job, "Travail", expired, None, None)
    result = kind.result_url(job) if job.state == JobState.DONE and not expired else None
    return JobProgress(job, kind.label, expired, result, kind.back_url(job))
