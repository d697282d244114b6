"""The scheduler shows that it lives by itself."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import DatabaseError

from core.jobs import scheduler, tasks
from core.jobs.enums import Process
from core.jobs.models import SignOfLife
from cpts.celery import app, start_at_once

_START = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def beat(db, tmp_path, monkeypatch):
    # The connection of the test is the one in use: it must not be closed under it.
    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    beat = scheduler.SigningScheduler(app, schedule_filename=str(tmp_path / "schedule"))
    monkeypatch.setattr(beat, "apply_entry", lambda *_args, **_kwargs: None)
    yield beat
    beat.close()


def _sign():
    return SignOfLife.objects.get(name=Process.SCHEDULER).at


def test_the_first_tick_signs_at_once(beat):
    with time_machine.travel(_START, tick=False):
        assert beat.tick() <= 10

        assert _sign() == _START


def test_it_signs_every_ten_seconds(beat):
    with time_machine.travel(_START, tick=False) as clock:
        beat.tick()
        clock.shift(timedelta(seconds=9))
        beat.tick()
        assert _sign() == _START
        clock.shift(timedelta(seconds=1))
        beat.tick()
        assert _sign() == _START + timedelta(seconds=10)


def test_a_database_out_of_reach_does_not_stop_the_schedule(beat, monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(scheduler, "record_sign", refuse)

    assert beat.tick() <= 10
    assert "sign of life not written" in caplog.text


def test_every_scheduled_task_exists_and_its_message_expires():
    app.autodiscover_tasks(force=True)

    for entry in django_settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] <= entry["schedule"]


def test_a_worker_that_is_ready_signs_and_looks_for_lost_jobs(monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append((name, options)))
    start_at_once()

    names = ("jobs.worker_sign_of_life", "jobs.sweep", "funding.look_at_contracts")
    assert sent == [(name, {"expires": 60}) for name in names]


@pytest.mark.django_db
def test_the_worker_signs_by_doing_a_task():
    with time_machine.travel(_START, tick=False):
        tasks.worker_sign_of_life()

    assert SignOfLife.objects.get(name=Process.WORKER).at == _START


@pytest.mark.parametrize("task", [tasks.sweep, tasks.purge, tasks.worker_sign_of_life])
@pytest.mark.django_db
def test_periodic_tasks_may_run_twice(task):
    task()
    task()
