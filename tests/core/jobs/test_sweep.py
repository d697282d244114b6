"""What was lost is found again, what is over is forgotten."""

from datetime import timedelta
from itertools import product

import pytest

from core.jobs.domain.jobs import WORKER_LOST, purge_expired, retry_job, sweep_jobs
from core.jobs.domain.running import claim_job
from core.jobs.domain.signs import record_sign
from core.jobs.domain.workflow import TRANSITIONS, move
from core.jobs.enums import JobState, Process
from core.jobs.errors import ForbiddenTransitionError
from core.jobs.models import Job, SignOfLife
from tests.core.jobs.conftest import DAY, NOW, row

_SILENCE = timedelta(seconds=30)
_ALMOST = timedelta(seconds=29)


@pytest.fixture(autouse=True)
def patience(settings):
    settings.JOB_SILENCE_LIMIT = settings.JOB_RING_AGAIN = _SILENCE


def test_a_job_whose_worker_went_silent_is_queued_again(make_job, rung, django_capture_on_commit_callbacks):
    job = make_job(JobState.RUNNING, progress=60, progress_label="Mise en page")

    with django_capture_on_commit_callbacks(execute=True):
        sweep_jobs(now=NOW + _SILENCE)

    after = row(job)
    assert (after["state"], after["attempt"], after["progress"]) == (JobState.QUEUED, 1, 0)
    assert (after["progress_label"], after["started_at"], after["rung_at"]) == ("", None, NOW + _SILENCE)
    assert rung == [str(job.pk)]


def test_a_job_whose_worker_lives_is_left_alone(make_job, rung):
    job = make_job(JobState.RUNNING)
    before = row(job)

    sweep_jobs(now=NOW + _ALMOST)

    assert (row(job), rung) == (before, [])


def test_a_job_that_kills_its_workers_ends_by_failing(make_job, rung):
    job = make_job(JobState.RUNNING, attempt=3)

    sweep_jobs(now=NOW + _SILENCE)

    after = row(job)
    assert (after["state"], after["error"]) == (JobState.FAILED, WORKER_LOST)
    assert (after["finished_at"], rung) == (NOW + _SILENCE, [])


def test_three_deaths_then_failure(make_job, rung):
    job, now = make_job(), NOW
    for _ in range(3):
        assert claim_job(job.pk, now=now) is not None
        now += _SILENCE
        sweep_jobs(now=now)

    assert (row(job)["state"], row(job)["attempt"]) == (JobState.FAILED, 3)
    assert claim_job(job.pk, now=now) is None


def test_a_queued_job_that_nobody_took_is_announced_again(make_job, rung):
    job = make_job()
    before = row(job)

    sweep_jobs(now=NOW + _SILENCE)

    assert rung == [str(job.pk)]
    assert row(job) == before | {"rung_at": NOW + _SILENCE}


def test_a_queued_job_is_given_time(make_job, rung):
    make_job()

    sweep_jobs(now=NOW + _ALMOST)

    assert rung == []


def test_two_sweeps_ring_once(make_job, rung):
    make_job()

    sweep_jobs(now=NOW + _SILENCE)
    sweep_jobs(now=NOW + _SILENCE)

    assert len(rung) == 1


def test_an_expired_job_is_not_announced(make_job, rung):
    make_job()

    sweep_jobs(now=NOW + DAY)

    assert rung == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_sweep_with_nothing_lost_reads_twice(make_job, rung, django_assert_num_queries, count):
    for _ in range(count):
        make_job(JobState.RUNNING)

    with django_assert_num_queries(2):
        sweep_jobs(now=NOW + _ALMOST)


def test_a_failed_job_is_run_again_with_fresh_attempts(make_job, rung, django_capture_on_commit_callbacks):
    job = make_job(JobState.FAILED, attempt=3)

    with django_capture_on_commit_callbacks(execute=True):
        retry_job(job, now=NOW + _SILENCE)

    after = row(job)
    assert (after["state"], after["error"], after["finished_at"]) == (JobState.QUEUED, "", None)
    assert (after["attempt"], after["attempt_limit"]) == (3, 6)
    assert rung == [str(job.pk)]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
def test_only_a_failed_job_is_run_again(make_job, rung, state):
    job = make_job(state)
    before = row(job)

    retry_job(job, now=NOW + _SILENCE)

    assert (row(job), rung) == (before, [])


_ALLOWED = {
    (JobState.QUEUED, JobState.RUNNING),
    (JobState.RUNNING, JobState.DONE),
    (JobState.RUNNING, JobState.FAILED),
    (JobState.RUNNING, JobState.QUEUED),
    (JobState.FAILED, JobState.QUEUED),
}


def test_the_table_holds_these_moves_and_no_other():
    assert {(start, target) for start, targets in TRANSITIONS.items() for target in targets} == _ALLOWED


@pytest.mark.parametrize(("start", "target"), sorted(set(product(JobState, JobState)) - _ALLOWED))
def test_the_gate_refuses_every_other_move(make_job, start, target):
    job = make_job(start)
    before = row(job)

    with pytest.raises(ForbiddenTransitionError):
        move(job, target)

    assert row(job) == before


def test_jobs_expired_for_a_month_are_forgotten(make_job):
    make_job(JobState.DONE)
    kept = make_job(JobState.DONE, expires_at=NOW + DAY + timedelta(seconds=1))

    assert purge_expired(now=NOW + DAY + timedelta(days=30)) == 1

    assert list(Job.objects.all()) == [kept]


def test_a_running_job_is_never_forgotten(make_job):
    make_job(JobState.RUNNING)

    assert purge_expired(now=NOW + timedelta(days=400)) == 0


@pytest.mark.django_db
def test_signs_of_life_overwrite_one_row():
    record_sign(Process.SCHEDULER, now=NOW)
    record_sign(Process.SCHEDULER, now=NOW + _SILENCE, detail="serveur")

    assert list(SignOfLife.objects.values_list("name", "at", "detail")) == [
        (Process.SCHEDULER, NOW + _SILENCE, "serveur")
    ]
