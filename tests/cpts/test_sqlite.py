"""The embedded base keeps its promises: concurrent writers wait, broken references are refused."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from cpts.env import Environment

# Private connections are refused too without it.
pytestmark = pytest.mark.django_db
WRITERS, TURNS = 4, 25


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], BaseDatabaseWrapper]:
    """Open a connection of its own to one embedded base, as each process has."""
    monkeypatch.setenv("DATABASE_URL", "")
    settings = Environment().database(tmp_path)
    return lambda: ConnectionHandler({"default": settings})["default"]


@pytest.fixture
def connection(connect: Callable[[], BaseDatabaseWrapper]) -> Iterator[BaseDatabaseWrapper]:
    """Return an open connection to the embedded base."""
    opened = connect()
    yield opened
    opened.close()


def _value(connection: BaseDatabaseWrapper, sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 20_000), ("synchronous", 1)],
)
def test_pragmas(connection: BaseDatabaseWrapper, pragma: str, value: object) -> None:
    assert _value(connection, f"PRAGMA {pragma}") == value


def test_a_broken_reference_is_refused(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        cursor.execute("CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))")
        with pytest.raises(IntegrityError):
            cursor.execute("INSERT INTO child VALUES (1)")


def test_concurrent_read_modify_write_loses_nothing(
    connect: Callable[[], BaseDatabaseWrapper], connection: BaseDatabaseWrapper
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (n INTEGER)")
        cursor.execute("INSERT INTO counter VALUES (0)")

    def count(_: int) -> None:
        mine = connect()
        for _turn in range(TURNS):
            _increment(mine)
        mine.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(count, range(WRITERS)))

    assert _value(connection, "SELECT n FROM counter") == WRITERS * TURNS


def _increment(connection: BaseDatabaseWrapper) -> None:
    # What transaction.atomic() does, on a connection that is not one of settings.DATABASES.
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    read = _value(connection, "SELECT n FROM counter")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE counter SET n = %s", [int(str(read)) + 1])
    connection.commit()
    connection.set_autocommit(True)
