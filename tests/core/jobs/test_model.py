"""The database refuses impossible jobs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.jobs.enums import JobState, Process
from core.jobs.models import Job, SignOfLife
from tests.core.jobs.conftest import NOW

_EARLIER = NOW - timedelta(seconds=1)

# Constraint, state of an otherwise right job, what is wrong with it.
_IMPOSSIBLE = [
    ("jobs_job_progress_range", JobState.RUNNING, {"progress": 101}),
    ("jobs_job_attempt_within_limit", JobState.RUNNING, {"attempt": 4}),
    ("jobs_job_queued_is_blank", JobState.QUEUED, {"progress": 5}),
    ("jobs_job_queued_is_blank", JobState.QUEUED, {"started_at": NOW}),
    ("jobs_job_queued_is_blank", JobState.QUEUED, {"error": "Non."}),
    ("jobs_job_running_is_dated", JobState.RUNNING, {"started_at": None}),
    ("jobs_job_running_is_dated", JobState.RUNNING, {"heartbeat_at": None}),
    ("jobs_job_running_is_dated", JobState.RUNNING, {"attempt": 0}),
    ("jobs_job_running_is_dated", JobState.RUNNING, {"finished_at": NOW}),
    ("jobs_job_ended_is_dated", JobState.DONE, {"finished_at": None}),
    ("jobs_job_ended_is_dated", JobState.FAILED, {"finished_at": None}),
    ("jobs_job_done_is_complete", JobState.DONE, {"progress": 99}),
    ("jobs_job_done_is_complete", JobState.DONE, {"error": "Non."}),
    ("jobs_job_failed_says_why", JobState.FAILED, {"error": ""}),
    ("jobs_job_started_after_creation", JobState.RUNNING, {"started_at": _EARLIER}),
    ("jobs_job_finished_after_start", JobState.DONE, {"finished_at": _EARLIER}),
    ("jobs_job_expires_after_creation", JobState.QUEUED, {"expires_at": NOW}),
]


@pytest.mark.parametrize(("name", "state", "wrong"), _IMPOSSIBLE)
def test_an_impossible_job_is_refused(make_job, name, state, wrong):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make_job(state, **wrong)

    assert Job.objects.count() == 0


def test_a_job_is_in_a_known_state(make_job):
    job = make_job()

    with pytest.raises(IntegrityError, match="jobs_job_state_known"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="lost")


@pytest.mark.parametrize("state", JobState)
def test_each_state_is_possible(make_job, state):
    assert make_job(state).state == state


def test_every_constraint_is_expected_by_name():
    tested = {name for name, _, _ in _IMPOSSIBLE} | {"jobs_job_state_known"}

    assert {constraint.name for constraint in Job._meta.constraints} == tested


def test_constraints_answer_in_french():
    messages = [constraint.violation_error_message for constraint in Job._meta.constraints]

    assert all(message.endswith(".") and "%(name)s" not in message for message in messages)


def test_a_key_belongs_to_one_job(make_job):
    make_job(unique_key="pdf-1")

    with pytest.raises(IntegrityError, match="unique_key"), transaction.atomic():
        make_job(unique_key="pdf-1")


@pytest.mark.django_db
def test_only_known_processes_give_signs_of_life():
    with pytest.raises(IntegrityError, match="jobs_signoflife_name_known"), transaction.atomic():
        SignOfLife.objects.create(name="ghost", at=NOW)


@pytest.mark.django_db
def test_a_process_has_one_row():
    SignOfLife.objects.create(name=Process.WORKER, at=NOW)

    with pytest.raises(IntegrityError, match="name"), transaction.atomic():
        SignOfLife.objects.create(name=Process.WORKER, at=NOW)
