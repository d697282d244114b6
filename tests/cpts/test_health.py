"""/healthz names what is dead, whatever is dead."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import DatabaseError, OperationalError, connection

from core.jobs.domain.signs import record_sign
from core.jobs.enums import Process

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
_OK = {"status": "ok", "last_sign": "2026-01-15T12:00:00+00:00", "age_seconds": 30}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.HEALTH_SILENCE_LIMIT = timedelta(seconds=60)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False) as traveller:
        yield traveller


@pytest.fixture
def alive(db):
    for process in Process:
        record_sign(process, now=NOW)


def test_all_is_well(client, alive, settings):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": settings.VERSION,
        "culprits": [],
        "database": {"status": "ok"},
        "broker": {"status": "ok"},
        "worker": _OK,
        "scheduler": _OK,
    }
    assert "no-store" in response["Cache-Control"]


def test_before_the_first_signs_of_life(client, db):
    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["culprits"] == ["worker", "scheduler"]
    assert response.json()["worker"] == {"status": "never seen"}


@pytest.mark.parametrize("process", Process)
def test_a_silent_process_is_named(client, alive, clock, process):
    clock.move_to(NOW + timedelta(seconds=61))
    other = next(each for each in Process if each != process)
    record_sign(other, now=NOW + timedelta(seconds=55))

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["culprits"] == [process.value]
    assert response.json()[process.value] == {**_OK, "status": "silent", "age_seconds": 61}


def test_silence_up_to_the_limit_is_life(client, alive, clock):
    clock.move_to(NOW + timedelta(seconds=60))

    assert client.get("/healthz").status_code == 200


def _refuse(*args, **kwargs):
    raise OperationalError("could not connect to postgresql://admin:secret@db")


def test_a_dead_database_is_named_and_its_secrets_are_not(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", _refuse)

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["culprits"] == ["database"]
    assert response.json()["database"] == {"status": "unreachable"}
    assert b"secret" not in response.content


def test_a_base_without_tables_is_answered_too(client, alive, monkeypatch):
    def no_such_table(*args):
        raise DatabaseError("no such table")

    monkeypatch.setattr("core.jobs.models.SignOfLife.objects.values_list", no_such_table)

    response = client.get("/healthz")

    assert (response.status_code, response.json()["culprits"]) == (503, ["worker", "scheduler"])


def test_an_unusable_folder_of_messages_is_named(client, alive, settings):
    gone = Path(settings.DATA_DIR) / "gone"
    options = {"data_folder_in": str(gone), "data_folder_out": str(gone), "control_folder": str(gone)}
    settings.EMBEDDED_BROKER, settings.CELERY_BROKER_TRANSPORT_OPTIONS = True, options

    response = client.get("/healthz")

    assert (response.status_code, response.json()["culprits"]) == (503, ["broker"])


def test_a_broker_out_of_reach_is_named(client, alive, settings, monkeypatch):
    settings.EMBEDDED_BROKER = False
    monkeypatch.setattr("cpts.views.health.current_app.connection_for_write", _refuse)

    response = client.get("/healthz")

    assert (response.status_code, response.json()["culprits"]) == (503, ["broker"])
    assert b"secret" not in response.content


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_only_reading_is_allowed(client, alive, method):
    assert getattr(client, method)("/healthz").status_code == 405


def test_it_costs_two_queries(client, alive, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/healthz")
