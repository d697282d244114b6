"""The commands, the locked requirements and the container files keep their promises."""

import base64
import hashlib
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.staticfiles import finders
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Read = Callable[[str], str]
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)
SYSTEM_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def _run(root: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=root, env=os.environ | environment, capture_output=True, text=True, timeout=60
    )


# --- Commands ------------------------------------------------------------------------------------


def test_make_alone_lists_every_target(root: Path, read: Read) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)
    assert phony
    listed = re.findall(r"^  make (\w+) ", _run(root, "make").stdout, re.MULTILINE)

    assert listed == phony[1].split()
    assert {"demo", "test", "check", "bench", "help"} <= set(listed)


def test_continuous_integration_runs_make_test(read: Read) -> None:
    assert read(".ci/run").splitlines()[-1] == "exec make test"
    assert "\nscripts/check.sh\n" in read("scripts/test.sh")


def test_every_script_parses(root: Path) -> None:
    for script in sorted(root.glob("scripts/*.sh")):
        assert _run(root, "sh", "-n", str(script)).stderr == ""
        assert os.access(script, os.X_OK), script


def test_pre_commit_runs_the_very_checks_of_make_check(read: Read) -> None:
    repos = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    defined = re.findall(r"^(\w+)\(\) [{(]", read("scripts/check.sh"), re.MULTILINE)
    all_of_them = re.search(r"set -- (.*)$", read("scripts/check.sh"), re.MULTILINE)

    assert [repo["repo"] for repo in repos] == ["local"]
    assert [hook["entry"] for hook in repos[0]["hooks"]] == [f"scripts/check.sh {name}" for name in defined]
    assert all_of_them
    assert all_of_them[1].split() == defined


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1"])
def test_a_port_that_is_no_port_is_refused(root: Path, text: str) -> None:
    done = _run(root, sys.executable, "scripts/port.py", text)

    assert done.returncode == 1
    assert done.stderr == f"PORT={text} n’est pas un numéro de port (1 à 65535).\n"


def test_a_port_in_use_stops_the_demonstration_before_anything_starts(root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = _run(root, "scripts/demo.sh", PORT=port)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Le port {port} est indisponible")
    assert _run(root, sys.executable, "scripts/port.py", port).returncode == 0


def test_python_too_old_or_missing_is_said(root: Path) -> None:
    done = _run(root, "scripts/find-python.sh", PYTHON="no-such-python")

    assert (done.returncode, done.stdout) == (1, "")
    assert "Python 3.11 ou plus récent est introuvable" in done.stderr


@pytest.fixture
def bare_system(root: Path, tmp_path: Path) -> Callable[[int], tuple[subprocess.CompletedProcess[str], str]]:
    """Run scripts/system.sh as user `uid` where Pango is missing; return the result and apt-get's calls."""

    def run(uid: int) -> tuple[subprocess.CompletedProcess[str], str]:
        calls = tmp_path / "calls"
        calls.touch()
        for name, line in {"ldconfig": ":", "id": f"echo {uid}", "apt-get": f'echo "$@" >>{calls}'}.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
            (tmp_path / name).chmod(0o755)
        done = _run(root, "scripts/system.sh", "run", PATH=f"{tmp_path}:{os.environ['PATH']}")
        return done, calls.read_text()

    return run


def test_root_gets_missing_libraries_installed(bare_system: Callable[[int], Any]) -> None:
    done, calls = bare_system(0)

    assert done.returncode == 0
    assert calls.splitlines()[0] == "-q update"
    assert calls.splitlines()[1].startswith(f"install -y --no-install-recommends {SYSTEM_PACKAGES}")


def test_others_get_the_exact_command(bare_system: Callable[[int], Any]) -> None:
    done, calls = bare_system(1000)

    assert (done.returncode, calls) == (1, "")
    command = f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {SYSTEM_PACKAGES}"
    assert command in done.stderr


# --- Locked requirements -------------------------------------------------------------------------


@pytest.fixture
def project(read: Read) -> dict[str, Any]:
    """Return pyproject.toml, parsed."""
    return tomllib.loads(read("pyproject.toml"))


def _locked(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in LOCKED.findall(text)}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_hold_hashes_and_no_address(read: Read, name: str) -> None:
    text = read(name)
    entries = re.split(r"\n(?=\S)", text.strip())

    assert len(entries) == len(LOCKED.findall(text))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_extras_stay_in_the_locked_names(read: Read) -> None:
    # Without them pip looks past the locked version as soon as a newer one is out, then refuses it unhashed.
    assert "\ncoverage[toml]==" in read("requirements-dev.txt")
    assert "\nfonttools[woff]==" in read("requirements.txt")
    assert "--no-strip-extras" in read("scripts/lock.sh")


def test_every_dependency_is_locked_at_a_version_it_allows(read: Read, project: dict[str, Any]) -> None:
    pairs = [
        (project["project"]["dependencies"], _locked(read("requirements.txt"))),
        (project["dependency-groups"]["dev"], _locked(read("requirements-dev.txt"))),
    ]
    for declared, locked in pairs:
        for requirement in map(Requirement, declared):
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


def test_developers_run_what_production_runs(read: Read) -> None:
    production, development = _locked(read("requirements.txt")), _locked(read("requirements-dev.txt"))

    assert production.items() <= development.items()


def test_every_dependency_has_its_reason(read: Read, project: dict[str, Any]) -> None:
    reasons = read("docs/adr/0008-dependencies.md")
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]

    missing = [name for r in declared if f"`{(name := Requirement(r).name)}`" not in reasons]
    assert missing == []


def test_no_reason_is_left_of_a_dependency_that_went_away(read: Read, project: dict[str, Any]) -> None:
    rows = re.findall(r"^\| (`.*?) \|", read("docs/adr/0008-dependencies.md"), re.MULTILINE)
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]

    assert sorted(re.findall(r"`([^`]+)`", "".join(rows))) == sorted(Requirement(r).name for r in declared)


def test_the_version_shown_is_the_version_declared(settings: Any, project: dict[str, Any]) -> None:
    assert project["project"]["version"] == settings.VERSION


@pytest.mark.parametrize(
    ("path", "integrity"),
    [
        ("css/bootstrap.min.css", "sRIl4kxILFvY47J16cr9ZwB07vP4J8+LH7qKQnuqkuIAvNWLzeN8tE5YBujZqJLB"),
        ("js/bootstrap.bundle.min.js", "FKyoEForCGlyvwx9Hj09JcYn3nv7wiPVlz7YYwJrWVcXK/BmnVDxM+D2scQbITxI"),
    ],
)
def test_bootstrap_is_byte_for_byte_what_its_authors_published(path: str, integrity: str) -> None:
    found = finders.find(path)
    assert found
    digest = hashlib.sha384(Path(found).read_bytes()).digest()

    assert base64.b64encode(digest).decode() == integrity


# --- Containers ----------------------------------------------------------------------------------


@pytest.fixture
def compose(read: Read) -> dict[str, Any]:
    """Return docker-compose.yml, parsed."""
    return yaml.safe_load(read("docker-compose.yml"))


def test_compose_runs_the_whole_platform(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert set(services) == {"migrate", "web", "worker", "scheduler", "postgres", "redis", "mailpit"}
    assert services["mailpit"]["profiles"] == ["trial"]
    assert all("profiles" not in service for name, service in services.items() if name != "mailpit")
    assert set(compose["volumes"]) == {"data", "postgres"}


def test_compose_has_no_default_secret(compose: dict[str, Any], read: Read) -> None:
    web, postgres = (compose["services"][name]["environment"] for name in ("web", "postgres"))

    for name in ("SECRET_KEY", "CPTS_SITE_URL", "POSTGRES_PASSWORD"):
        assert re.findall(rf"\$\{{{name}(..)", read("docker-compose.yml"))
        assert set(re.findall(rf"\$\{{{name}(..)", read("docker-compose.yml"))) == {":?"}
    assert web["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert postgres["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_compose_gives_the_variables_that_the_settings_read(compose: dict[str, Any], read: Read) -> None:
    documented = set(re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE))

    assert set(compose["services"]["worker"]["environment"]) <= documented
    assert set(compose["services"]["web"]["environment"]) <= documented | {"WEB_CONCURRENCY"}


def test_compose_listens_on_the_loopback_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_waits_for_healthy_services_and_migrations(compose: dict[str, Any]) -> None:
    services = compose["services"]

    for name in ("web", "worker", "scheduler"):
        waits = {other: rule["condition"] for other, rule in services[name]["depends_on"].items()}
        assert waits == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
            "migrate": "service_completed_successfully",
        }
    for name in ("postgres", "redis", "worker", "mailpit"):
        assert services[name]["healthcheck"]["test"]


def test_compose_gives_the_processes_no_privilege(compose: dict[str, Any]) -> None:
    for name in ("migrate", "web", "worker", "scheduler"):
        service = compose["services"][name]
        assert (service["cap_drop"], service["read_only"]) == (["ALL"], True)
        assert "privileged" not in service


def test_image_is_small_and_runs_as_nobody(read: Read) -> None:
    stages = re.split(r"^FROM ", read("Dockerfile"), flags=re.MULTILINE)[1:]
    final = stages[-1]

    assert {stage.split()[0] for stage in stages} == {"python:3.11-slim-bookworm"}
    assert re.findall(r"^USER (\w+)$", final, re.MULTILINE) == ["cpts"]
    assert not re.search(r"gcc|build-essential|-dev\b", final)
    assert "--require-hashes --only-binary :all:" in stages[0]
    assert "HEALTHCHECK" in final


def test_image_holds_neither_secrets_nor_data(read: Read) -> None:
    assert {".env", ".git", "var", "tests"} <= set(read(".dockerignore").split())
