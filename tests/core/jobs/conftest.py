"""Jobs of a kind known to the tests, and a bell that is listened to instead of rung."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.jobs import registry, tasks
from core.jobs.enums import JobState
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

_DATES = {
    JobState.QUEUED: {},
    JobState.RUNNING: {"started_at": NOW, "heartbeat_at": NOW, "attempt": 1},
    JobState.DONE: {
        "started_at": NOW,
        "heartbeat_at": NOW,
        "finished_at": NOW,
        "attempt": 1,
        "progress": 100,
    },
    JobState.FAILED: {
        "started_at": NOW,
        "heartbeat_at": NOW,
        "finished_at": NOW,
        "attempt": 1,
        "error": "Le modèle manque.",
    },
}


@dataclass
class Work:
    """What the test kind does when it runs, and the jobs it was run for."""

    do: Callable[[Job, Report], None] = lambda _job, _report: None
    runs: list[Job] = field(default_factory=list)

    def run(self, job: Job, report: Report) -> None:
        """Remember the job, then do what the test said."""
        self.runs.append(job)
        self.do(job, report)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Register the kind "tests.work"; it is asked at /demande/ and its result is at /resultat/."""
    work = Work()
    kind = JobKind(
        "tests.work",
        "Travail d’essai",
        work.run,
        result_url=lambda _job: ("Ouvrir le résultat", "/resultat/"),
        back_url=lambda _job: ("Revenir à la demande", "/demande/"),
    )
    monkeypatch.setitem(registry._kinds, kind.name, kind)
    return work


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the numbers of the jobs announced to the workers."""
    numbers: list[str] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda *, kwargs, **_: numbers.append(kwargs["job_id"]))
    return numbers


@pytest.fixture
def make_job(db: None, work: Work) -> Callable[..., Job]:
    """Return a maker of jobs in any state, asked at NOW and kept a day."""

    def make(state: JobState = JobState.QUEUED, **values: Any) -> Job:
        basic = {"kind": "tests.work", "created_at": NOW, "rung_at": NOW, "expires_at": NOW + DAY}
        return Job.objects.create(**{**basic, "state": state, **_DATES[state], **values})

    return make


def row(job: Job) -> dict[str, Any]:
    """Return every column of a job as the database has it now."""
    return Job.objects.filter(pk=job.pk).values().get()
