"""Several people at once, on a base that every thread reaches."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections


@pytest.fixture
def shared_base(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let threads of the test share its base as processes do.

    On SQLite the test's own is in memory, where who is late is refused at once: a copy in a file takes its
    place, with the product's own patience.
    """
    original = connections["default"]
    if original.vendor == "postgresql":
        yield
        return
    path = tmp_path / "shared.sqlite3"
    with original.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    settings = {**original.settings_dict, "NAME": str(path)}
    monkeypatch.setitem(connections.settings, "default", settings)
    connections["default"] = type(original)(settings, "default")
    yield
    connections["default"].close()
    connections["default"] = original


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Start every call together, each in a thread of its own; return what each returned or raised."""
    together = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        together.wait(timeout=20)
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
