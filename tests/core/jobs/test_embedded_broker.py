"""Messages as files: whole or absent, given once."""

import json
from queue import Empty

import pytest
from kombu import Connection

from core.jobs.embedded_broker import Transport


@pytest.fixture
def channels(tmp_path):
    """Return two channels on the same folders, as two processes have."""
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection("filesystem://", transport_options=options) as connection:
        yield [connection.channel(), connection.channel()]


def test_the_platform_uses_this_transport(channels):
    assert isinstance(channels[0].connection, Transport)


def test_messages_come_in_order_and_once(channels):
    first, second = channels
    for number in range(3):
        first._put("celery", {"number": number})

    taken = [channel._get("celery")["number"] for channel in (first, second, first)]

    assert taken == [0, 1, 2]
    with pytest.raises(Empty):
        second._get("celery")


def test_nothing_is_left_behind(channels, tmp_path):
    channels[0]._put("celery", {"number": 1})
    channels[0]._get("celery")

    assert list((tmp_path / "queue").iterdir()) == []


def test_a_message_being_written_is_not_seen(channels, tmp_path):
    (tmp_path / "queue" / "1_x.celery.msg.abc.draft").touch()

    with pytest.raises(Empty):
        channels[0]._get("celery")


def test_a_message_taken_by_another_worker_is_skipped(channels, tmp_path, monkeypatch):
    channels[0]._put("celery", {"number": 1})
    names = ["0_gone.celery.msg", *[path.name for path in (tmp_path / "queue").iterdir()]]
    monkeypatch.setattr("core.jobs.embedded_broker.os.listdir", lambda _folder: names)

    assert channels[0]._get("celery") == {"number": 1}


def test_each_queue_has_its_messages(channels):
    channels[0]._put("other", {"number": 1})

    with pytest.raises(Empty):
        channels[0]._get("celery")
    assert (channels[0]._size("other"), channels[0]._size("celery")) == (1, 0)


def test_a_binding_is_written_once_and_whole(channels, tmp_path):
    for channel in channels:
        channel._queue_bind("celery", "celery", "", "celery")
    channels[0]._queue_bind("celery", "other", "", "other")

    table = json.loads((tmp_path / "control" / "celery.exchange").read_text())
    assert table == [["other", "", "other"], ["celery", "", "celery"]]
    assert [tuple(row) for row in channels[1].get_table("celery")] == [tuple(row) for row in table]
