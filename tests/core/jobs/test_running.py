"""A worker and its job: one claim at a time, and no word from a worker believed dead."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError

from core.jobs.domain import running
from core.jobs.domain.running import TOO_LONG, UNEXPECTED, beat, claim_job, finish_job, run_job
from core.jobs.enums import JobState, Process
from core.jobs.errors import AttemptLostError, JobError
from core.jobs.models import Job, SignOfLife
from core.jobs.registry import kind_named, register_kind
from tests.core.jobs.conftest import DAY, NOW, row

_LATER = NOW + timedelta(seconds=5)


def _clock():
    return _LATER


def test_a_job_runs_to_its_end(make_job, work):
    job = make_job()
    seen = []

    def do(job, report):
        report(40, "Mise en page")
        seen.append((row(job)["progress"], row(job)["progress_label"], row(job)["state"]))

    work.do = do
    run_job(job.pk, clock=_clock)

    assert seen == [(40, "Mise en page", JobState.RUNNING)]
    after = row(job)
    assert (after["state"], after["progress"], after["progress_label"]) == (JobState.DONE, 100, "")
    assert (after["started_at"], after["finished_at"], after["attempt"]) == (_LATER, _LATER, 1)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE, JobState.FAILED])
def test_a_bell_heard_again_changes_nothing(make_job, work, state):
    job = make_job(state)
    before = row(job)

    run_job(job.pk, clock=_clock)

    assert (row(job), work.runs) == (before, [])


def test_a_bell_for_an_unknown_job_is_ignored(db, work):
    run_job(uuid4(), clock=_clock)

    assert work.runs == []


def test_an_expired_job_is_not_started(make_job, work):
    job = make_job()

    run_job(job.pk, clock=lambda: NOW + DAY)

    assert (row(job)["state"], work.runs) == (JobState.QUEUED, [])


def test_a_job_says_why_it_cannot_be_done(make_job, work):
    def do(job, report):
        raise JobError("Le territoire choisi n’existe plus.")

    job, work.do = make_job(), do
    run_job(job.pk, clock=_clock)

    after = row(job)
    assert (after["state"], after["error"]) == (JobState.FAILED, "Le territoire choisi n’existe plus.")
    assert after["finished_at"] == _LATER


@pytest.mark.parametrize(
    ("error", "sentence"), [(KeyError("secret"), UNEXPECTED), (SoftTimeLimitExceeded(), TOO_LONG)]
)
def test_an_accident_is_told_without_its_details(make_job, work, error, sentence, caplog):
    def do(job, report):
        raise error

    job, work.do = make_job(), do
    run_job(job.pk, clock=_clock)

    assert (row(job)["state"], row(job)["error"]) == (JobState.FAILED, sentence)
    assert ("secret" in caplog.text) == isinstance(error, KeyError)


def test_a_kind_of_another_version_fails_with_its_name(make_job):
    job = make_job(kind="tests.gone")

    run_job(job.pk, clock=_clock)

    assert row(job)["error"].startswith("Cette version de la plateforme ne sait pas faire ce travail")


def test_two_claims_give_one_job(make_job):
    job = make_job()

    assert [claim_job(job.pk, now=_LATER) is None for _ in range(2)] == [False, True]


def _requeue(job):
    blank = {"started_at": None, "heartbeat_at": None, "progress": 0, "progress_label": ""}
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, **blank)


def test_a_worker_believed_dead_cannot_finish(make_job):
    job = make_job()
    zombie = claim_job(job.pk, now=_LATER)
    _requeue(job)
    before = row(job)

    with pytest.raises(AttemptLostError):
        finish_job(zombie, now=_LATER)

    assert row(job) == before


def test_a_worker_believed_dead_cannot_finish_over_a_newer_attempt(make_job, work, caplog):
    def do(job, report):
        _requeue(job)
        newer.append(claim_job(job.pk, now=_LATER))

    job, newer, work.do = make_job(), [], do
    run_job(job.pk, clock=_clock)

    assert (row(job)["state"], row(job)["attempt"]) == (JobState.RUNNING, 2)
    assert "attempt 1 is no longer the one at work" in caplog.text
    finish_job(newer[0], now=_LATER)
    assert row(job)["state"] == JobState.DONE


def test_a_worker_believed_dead_stops_at_its_next_report(make_job, work):
    def do(job, report):
        _requeue(job)
        report(50, "Suite")
        pytest.fail("the work went on")

    job, work.do = make_job(), do
    run_job(job.pk, clock=_clock)

    assert (row(job)["state"], row(job)["progress"]) == (JobState.QUEUED, 0)


def test_a_clock_a_little_late_does_not_fail_the_job(make_job):
    job = make_job()

    run_job(job.pk, clock=lambda: NOW - timedelta(seconds=2))

    after = row(job)
    assert (after["state"], after["started_at"], after["finished_at"]) == (JobState.DONE, NOW, NOW)


@pytest.mark.parametrize(("percent", "kept"), [(-5, 0), (250, 100)])
def test_progress_stays_between_bounds(make_job, work, percent, kept):
    seen = []

    def do(job, report):
        report(percent, "x" * 300)
        seen.append((row(job)["progress"], len(row(job)["progress_label"])))

    job, work.do = make_job(), do
    run_job(job.pk, clock=_clock)

    assert seen == [(kept, 200)]


def test_a_heartbeat_dates_the_job_and_the_worker(make_job):
    job = claim_job(make_job().pk, now=NOW)

    beat(job, now=_LATER)

    assert row(job)["heartbeat_at"] == _LATER
    assert SignOfLife.objects.get(name=Process.WORKER).at == _LATER


def test_a_heartbeat_of_a_lost_attempt_does_not_date_the_job(make_job):
    job = claim_job(make_job().pk, now=NOW)
    Job.objects.filter(pk=job.pk).update(attempt=2)

    beat(job, now=_LATER)

    assert row(job)["heartbeat_at"] == NOW


def test_a_heartbeat_survives_a_database_out_of_reach(make_job, monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(running, "record_sign", refuse)
    beat(claim_job(make_job().pk, now=NOW), now=_LATER)

    assert "heartbeat not written" in caplog.text


def test_two_kinds_cannot_share_a_name(work):
    kind = kind_named("tests.work")
    register_kind(kind)

    with pytest.raises(ValueError, match=r"tests\.work"):
        register_kind(replace(kind, label="Autre"))
