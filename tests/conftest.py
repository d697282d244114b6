"""Fixtures shared by the whole suite: they turn silent mistakes into failures.

Undefined template variables fail too (`FAIL_INVALID_TEMPLATE_VARS` in pyproject.toml), warnings are
errors, and a page that repeats a query in a loop fails (django-zeal, in `tests.settings`).
"""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db.backends.base.operations import BaseDatabaseOperations

from core.audit.append_only import append_only_models, is_erasable, lifting, protection
from core.audit.models import AuditEntry
from core.audit.models.entry import AuditEntryQuerySet
from core.audit.words import action_words

pytest_plugins = ["tests.factories.people", "tests.factories.territories", "tests.factories.threads"]

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A page that asks for another host finds none.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


class NetworkError(AssertionError):
    """A test tried to leave this machine."""


def _refuse_other_hosts(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name and name not in _LOOPBACK:
        raise NetworkError(f"Tests may only talk to this machine, not to {name}")


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse name resolution and connections to anything but the loopback and local sockets."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_other_hosts(address[0])
        connect(self, address)

    def guarded_getaddrinfo(host: object, *args: Any, **kwargs: Any) -> Any:
        _refuse_other_hosts(host)
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(autouse=True)
def no_attempt_counted() -> None:
    """Start each test without the attempts and the used codes of the others."""
    cache.clear()


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    """Give each test its own empty folder of stored files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the system's Chromium: Playwright's own build is not downloaded."""
    wanted = os.environ.get("CHROMIUM")
    path = wanted or next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    if path is None:
        pytest.fail("Chromium is missing: `make test` installs it, or CHROMIUM gives its path.")
    return browser_type_launch_args | {"executable_path": path, "args": _CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Browse as a French visitor."""
    return browser_context_args | {"locale": "fr-FR", "timezone_id": "Europe/Paris"}


@pytest.fixture(scope="session", autouse=True)
def worded_actions() -> Iterator[None]:
    """Fail the write whose action has no French words in its app's `journal.py`."""

    def write(entries: AuditEntryQuerySet, rows: list[AuditEntry], *args: Any, **kwargs: Any) -> Any:
        for action in {entry.action for entry in rows}:
            worded = action in action_words() or action.startswith("tests.")
            assert worded, f"Give {action!r} its words in ACTIONS of its app's journal.py"
        return written(entries, rows, *args, **kwargs)

    written = AuditEntryQuerySet.bulk_create
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AuditEntryQuerySet, "bulk_create", write)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_between_tests() -> Iterator[None]:
    """Let the tests that commit empty the tables that refuse it, and protect them again at once."""

    def flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        vendor = self.connection.vendor
        tables = {model._meta.db_table: is_erasable(model) for model in append_only_models()}
        with self.connection.cursor() as cursor:
            for sql in [sql for table in tables for sql in lifting(vendor, table)]:
                cursor.execute(sql)
            execute(self, sql_list)
            for table, erasable in tables.items():
                for sql in protection(vendor, table, erasable=erasable):
                    cursor.execute(sql)

    execute = BaseDatabaseOperations.execute_sql_flush
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture
def root() -> Path:
    """Return the project's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def read(root: Path) -> Callable[[str], str]:
    """Return a reader of the project's text files, by path from its folder."""
    return lambda name: (root / name).read_text(encoding="utf-8")
