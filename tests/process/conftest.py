"""A database and a broker that other processes reach, and processes that never outlive their test."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 30  # seconds, for a loaded machine


def wait_until(condition: Callable[[], Any], what: str, log: Path | None = None) -> None:
    """Return when the condition holds; fail with what was awaited, and the processes' log."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not in {_PATIENCE} s\n{log.read_text() if log else ''}")
        time.sleep(0.05)


@pytest.fixture
def database_url(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """Return the address of the test's database.

    On PostgreSQL it is the run's own test database. On SQLite that one is in memory, where nobody else
    can see it: the test and its processes share a copy in a file.
    """
    original = connections["default"]
    if original.vendor == "postgresql":
        yield _postgresql_url(original.settings_dict)
        _end_other_sessions(original)
        return
    path = tmp_path / "live.sqlite3"
    with original.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    live = type(original)({**original.settings_dict, "NAME": str(path)}, "default")
    connections["default"] = live
    yield f"sqlite:///{path}"
    live.close()
    connections["default"] = original


def _end_other_sessions(connection: BaseDatabaseWrapper) -> None:
    """Close what killed processes left open: the suite is about to drop the base."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _postgresql_url(values: dict[str, Any]) -> str:
    user, password, host = (quote(values[name], safe="") for name in ("USER", "PASSWORD", "HOST"))
    return f"postgresql://{user}:{password}@{host}:{values['PORT']}/{values['NAME']}"


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """Start a throwaway Redis on the loopback and return its address."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.fail("redis-server is missing: `make test` installs it.")
    port = _free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with (tmp_path / "redis.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: _answers(port), "Redis answers", tmp_path / "redis.log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


@pytest.fixture(params=["filesystem", "redis"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """Return the address of each broker in turn; the embedded one has its folder in the test's own."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else "filesystem://"


class Platform:
    """The processes of one test, on its own database, broker and folder."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = environment
        self._running: list[subprocess.Popen[bytes]] = []
        self.log = folder / "processes.log"
        self.journal = folder / "journal"
        self.mail = folder / "data" / "mail"

    def ask(self, *words: str) -> str:
        """Ask for a job from a process of its own, and return its number."""
        command = [sys.executable, "-m", "tests.process.ask", *words]
        done = subprocess.run(command, env=self._environment, cwd=_ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask_at_once(self, *questions: tuple[str, ...]) -> list[str]:
        """Ask several things at the same time, each from a process of its own, and return the answers."""
        with ThreadPoolExecutor(len(questions)) as pool:
            return list(pool.map(lambda words: self.ask(*words), questions))

    def ask_slow(self, steps: int, kind: str = "tests.slow") -> str:
        """Ask for a job of so many tenths of a second."""
        return self.ask("new", kind, json.dumps({"steps": steps, "journal": str(self.journal)}))

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self._start("worker", "--concurrency", "1", "--without-gossip", "--without-mingle")

    def scheduler(self) -> subprocess.Popen[bytes]:
        """Start the scheduler."""
        return self._start("beat", "--pidfile=")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "cpts", *words, "--loglevel", "INFO"]
        with self.log.open("a") as log:
            process = subprocess.Popen(
                command, env=self._environment, cwd=_ROOT, stdout=log, stderr=log, start_new_session=True
            )
        self._running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and its children at once, as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._running.remove(process)

    def kill_all(self) -> None:
        """Leave nothing behind."""
        for process in list(self._running):
            self.kill(process)

    def lines(self, word: str) -> list[str]:
        """Return the lines of the journal that begin with a word."""
        written = self.journal.read_text() if self.journal.exists() else ""
        return [line for line in written.splitlines() if line.startswith(f"{word} ")]


@pytest.fixture
def platform(database_url: str, broker_url: str, tmp_path: Path) -> Iterator[Platform]:
    """Return the means to start real processes; they are killed at the end."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.process.settings",
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": broker_url,
        "CPTS_DATA_DIR": str(tmp_path / "data"),
    }
    platform = Platform(environment, tmp_path)
    yield platform
    platform.kill_all()
