"""Asking for a job: the row first, the bell after the commit."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.jobs import tasks
from core.jobs.domain.jobs import enqueue_job
from core.jobs.enums import JobState
from core.jobs.errors import RateLimitedError, UnknownKindError
from core.jobs.models import Job
from tests.core.jobs.conftest import DAY, NOW, row


def _ask(**values):
    given = {"payload": {"size": 2}, "requester": "someone", "now": NOW, "keep_for": DAY, **values}
    return enqueue_job("tests.work", **given)


def test_the_row_says_everything(db, work, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = _ask(unique_key="pdf-1")
        assert rung == []

    assert rung == [str(job.pk)]
    assert row(job) == {
        "id": job.pk,
        "kind": "tests.work",
        "payload": {"size": 2},
        "state": JobState.QUEUED,
        "progress": 0,
        "progress_label": "",
        "attempt": 0,
        "attempt_limit": 3,
        "requester": "someone",
        "unique_key": "pdf-1",
        "created_at": NOW,
        "rung_at": NOW,
        "started_at": None,
        "heartbeat_at": None,
        "finished_at": None,
        "expires_at": NOW + DAY,
        "error": "",
    }


def test_a_rolled_back_request_leaves_neither_row_nor_bell(
    db, work, rung, django_capture_on_commit_callbacks
):
    def fail():
        with transaction.atomic():
            _ask()
            raise RuntimeError("later in the request")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
        fail()

    assert (rung, Job.objects.count()) == ([], 0)


def test_a_broker_out_of_reach_does_not_fail_the_request(
    db, work, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def refuse(**_):
        raise ConnectionError("broker down")

    monkeypatch.setattr(tasks.run_job, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = _ask()

    assert row(job)["state"] == JobState.QUEUED
    assert "broker down" in caplog.text


def test_the_bell_dies_when_the_sweep_would_ring_again(
    db, work, monkeypatch, settings, django_capture_on_commit_callbacks
):
    settings.JOB_RING_AGAIN = timedelta(seconds=7)
    sent = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **options: sent.append(options))
    with django_capture_on_commit_callbacks(execute=True):
        job = _ask()

    assert sent == [{"kwargs": {"job_id": str(job.pk)}, "expires": 7.0, "retry": False}]


def test_an_unknown_kind_is_refused_at_once(db, work):
    with pytest.raises(UnknownKindError, match=r"«\xa0tests\.other\xa0»"):
        enqueue_job("tests.other", payload={}, requester="", now=NOW, keep_for=DAY)

    assert Job.objects.count() == 0


def test_a_double_click_gives_the_same_job(db, work, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = _ask(unique_key="pdf-1")
        second = _ask(unique_key="pdf-1", requester="someone else")

    assert second.pk == first.pk
    assert rung == [str(first.pk)]


def test_a_key_is_free_again_once_its_job_expired(make_job, rung):
    old = make_job(JobState.DONE, unique_key="pdf-1")

    new = _ask(unique_key="pdf-1", now=NOW + DAY)

    assert new.pk != old.pk
    assert (row(old)["unique_key"], row(new)["unique_key"]) == (None, "pdf-1")


def test_two_requests_at_the_same_time_give_the_same_job(make_job, monkeypatch):
    # The other request inserts its row between our look-up and our insertion.
    other = make_job(unique_key="pdf-1")
    monkeypatch.setattr("core.jobs.domain.jobs._job_with_key", lambda *_args, **_kwargs: None)

    assert _ask(unique_key="pdf-1").pk == other.pk


def test_the_limit_refuses_one_more_and_tells_the_wait(make_job):
    for minutes in (50, 30, 10):
        make_job(requester="someone", created_at=NOW - timedelta(minutes=minutes))

    with pytest.raises(RateLimitedError, match=r"limite de 3 demandes par heure.*10\xa0minutes\.") as refused:
        _ask(per_hour=3)

    assert refused.value.wait == timedelta(minutes=10)
    assert Job.objects.count() == 3


def test_the_wait_is_until_enough_past_requests_left_the_window(make_job):
    for minutes in (50, 30, 10):
        make_job(requester="someone", created_at=NOW - timedelta(minutes=minutes))

    with pytest.raises(RateLimitedError) as refused:
        _ask(per_hour=2)

    assert refused.value.wait == timedelta(minutes=30)


def test_the_limit_counts_this_requester_this_kind_and_this_hour(make_job):
    make_job(requester="someone", created_at=NOW - timedelta(minutes=60))
    make_job(requester="someone else")
    make_job(requester="someone", kind="tests.other")

    assert _ask(per_hour=1).state == JobState.QUEUED


def test_a_double_click_at_the_limit_is_not_refused(db, work):
    first = _ask(unique_key="pdf-1", per_hour=1)

    assert _ask(unique_key="pdf-1", per_hour=1).pk == first.pk


def test_one_minute_is_written_in_the_singular():
    assert str(RateLimitedError(limit=10, wait=timedelta(seconds=5))).endswith("dans 1\u00a0minute.")
