"""Nothing is lost and nothing is done twice, whatever happens to the workers."""

import json

import pytest

from core.jobs.enums import JobState, Process
from core.jobs.models import Job, SignOfLife
from tests.process.conftest import wait_until

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
EMBEDDED = pytest.mark.parametrize("broker_url", ["filesystem"], indirect=True)


def _state(job_id):
    return Job.objects.values_list("state", flat=True).get(pk=job_id)


def test_killing_a_worker_in_the_middle_loses_nothing(platform):
    platform.scheduler()
    first = platform.worker()
    job_id = platform.ask_slow(steps=20)
    wait_until(lambda: platform.lines("start"), "the first worker takes the job", platform.log)

    platform.kill(first)
    platform.worker()

    wait_until(lambda: _state(job_id) == JobState.DONE, "the second worker finishes the job", platform.log)
    job = Job.objects.get(pk=job_id)
    assert (job.attempt, job.progress, job.error) == (2, 100, "")
    assert [line.split()[2] for line in platform.lines("start")] == ["1", "2"]
    assert [line.split()[2] for line in platform.lines("end")] == ["2"]
    assert set(SignOfLife.objects.values_list("name", flat=True)) == set(Process.values)


def test_two_workers_do_each_job_once(platform):
    job_ids = [platform.ask_slow(steps=3) for _ in range(2)]
    # Each worker sweeps when it is ready, so the same jobs are announced several times.
    for _ in range(2):
        platform.worker()

    wait_until(
        lambda: Job.objects.filter(state=JobState.DONE).count() == 2, "the jobs are done", platform.log
    )
    assert sorted(line.split()[1] for line in platform.lines("start")) == sorted(job_ids)
    assert sorted(line.split()[1] for line in platform.lines("end")) == sorted(job_ids)
    assert set(Job.objects.values_list("attempt", flat=True)) == {1}


@EMBEDDED
def test_a_failed_job_says_why_and_is_run_again(platform, tmp_path):
    needed = tmp_path / "model"
    platform.worker()
    job_id = platform.ask("new", "tests.fragile", json.dumps({"needs": str(needed)}))
    wait_until(lambda: _state(job_id) == JobState.FAILED, "the job fails", platform.log)
    assert Job.objects.get(pk=job_id).error == "Le modèle du document manque."

    needed.touch()
    platform.ask("retry", job_id)

    wait_until(lambda: _state(job_id) == JobState.DONE, "the job is done", platform.log)
    assert (Job.objects.get(pk=job_id).attempt, Job.objects.get(pk=job_id).error) == (2, "")


@EMBEDDED
def test_a_long_job_is_not_taken_for_a_dead_one(platform):
    # It lasts longer than the patience of the scheduler, and says nothing: only its heartbeat speaks.
    # One worker is busy with it, the other one sweeps.
    platform.scheduler()
    for _ in range(2):
        platform.worker()
    job_id = platform.ask_slow(steps=40, kind="tests.mute")

    wait_until(lambda: _state(job_id) == JobState.DONE, "the job is done", platform.log)
    assert Job.objects.get(pk=job_id).attempt == 1
    assert len(platform.lines("start")) == 1
