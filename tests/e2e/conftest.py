"""The whole site running as in a demonstration, on a base of its own, once for all the journeys."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Page

from tests.e2e.pages import Account, Simulator

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60  # seconds, for a loaded machine


# First: pytest-xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all the journeys, so that the site starts once."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def site_database() -> Iterator[str]:
    """Return the address of an empty base on the server of the run, or "" for SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"cpts_e2e_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def site_broker(worker_id: str) -> str:
    """Return the address of a queue that nobody else listens to, or "" for the embedded one.

    A worker of another site would take our jobs' messages, find no such job in its base and drop them.
    """
    server = os.environ.get("CELERY_BROKER_URL", "")
    number = 1 + int(worker_id.removeprefix("gw").replace("master", "0"))
    return urlsplit(server)._replace(path=f"/{number}").geturl() if server.startswith("redis") else ""


@pytest.fixture(scope="session")
def site_environment(
    site_database: str, site_broker: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Return the variables that the processes of the site are given."""
    folder = tmp_path_factory.mktemp("site")
    return _environment(folder, _free_port(), site_database) | {"CELERY_BROKER_URL": site_broker}


@pytest.fixture(scope="session")
def site(site_environment: dict[str, str]) -> Iterator[str]:
    """Start the site with the national geographic code and return its address; nothing is left running."""
    environment, folder = site_environment, Path(site_environment["CPTS_DATA_DIR"])
    bind = environment["CPTS_SITE_URL"].removeprefix("http://")
    for words in ("migrate", "load_geographic_code", "seed_demonstration", "collectstatic --noinput"):
        manage(words.split(), environment)
    celery = [sys.executable, "-m", "celery", "-A", "cpts"]
    commands = [
        [sys.executable, "-m", "gunicorn", "cpts.wsgi", "--bind", bind, "--workers", "2"],
        [*celery, "worker", "--concurrency", "1"],
        [*celery, "beat", "--pidfile="],
    ]
    log = folder / "site.log"
    processes = [_start(command, environment, log) for command in commands]
    try:
        _wait_until_healthy(environment["CPTS_SITE_URL"], log)
        yield environment["CPTS_SITE_URL"]
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def account(page: Page, site: str, site_environment: dict[str, str]) -> Account:
    """Return the pages of a new account, without password yet. Any error of a script fails the test."""
    email = f"{uuid.uuid4().hex[:12]}@cpts.test"
    code = f"from core.accounts.models import User; User.objects.create_user({email!r}, first_name='Camille')"
    manage(["shell", "--no-imports", "-c", code], site_environment)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Account(page, site, email, Path(site_environment["CPTS_DATA_DIR"]) / "mail")
    assert errors == []


@pytest.fixture
def simulator(page: Page, site: str) -> Simulator:
    """Return the simulator, not opened yet. Any error of the page's scripts fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield Simulator(page, site)
    assert errors == []


def _environment(folder: Path, port: int, database: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return kept | {
        "CPTS_MODE": "demonstration",
        "SECRET_KEY": uuid.uuid4().hex * 2,
        "CPTS_DATA_DIR": str(folder),
        "CPTS_SITE_URL": f"http://127.0.0.1:{port}",
        "CPTS_ANONYMOUS_PDF_PER_HOUR": "100",
        "DATABASE_URL": database,
        "EMAIL_URL": "",
        "LOG_LEVEL": "WARNING",
    }


def manage(words: list[str], environment: dict[str, str]) -> None:
    """Run a command of the site; fails with what it said."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, env=environment, cwd=_ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"{' '.join(words)}: {done.stderr}")


def _start(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("a") as output:
        return subprocess.Popen(
            command, env=environment, cwd=_ROOT, stdout=output, stderr=output, start_new_session=True
        )


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_healthy(url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"The site is not healthy after {_PATIENCE} s\n{log.read_text()}")
