"""Settings are read from the environment: typed, strict, documented."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from cpts.env import Environment, Mode

LONG_KEY = "k" * 50


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return the sentence that a reading raises with one variable set."""

    def refuse(name: str, value: str, method: str, *args: Any, **kwargs: Any) -> str:
        monkeypatch.setenv(name, value)
        with pytest.raises(ImproperlyConfigured) as caught:
            getattr(Environment(), method)(*args, **kwargs)
        return str(caught.value)

    return refuse


@pytest.mark.parametrize(
    ("name", "value", "method", "args", "reason"),
    [
        ("CPTS_MODE", "prod", "mode", (), "« prod » n’est pas l’une des valeurs"),
        ("LOG_LEVEL", "chatty", "log_level", (), "« chatty » n’est pas l’une des valeurs"),
        ("SECRET_KEY", " ", "secret_key", (Mode.DEVELOPMENT,), "elle est vide"),
        ("SECRET_KEY", "k" * 49, "secret_key", (Mode.PRODUCTION,), "au moins 50 caractères"),
        ("CPTS_JOB_TIME_LIMIT", "0", "whole", ("CPTS_JOB_TIME_LIMIT", 300), "« 0 » n’est pas un nombre"),
        ("CPTS_JOB_TIME_LIMIT", "-1", "whole", ("CPTS_JOB_TIME_LIMIT", 300), "« -1 » n’est pas un nombre"),
        ("CPTS_JOB_TIME_LIMIT", "5 min", "whole", ("CPTS_JOB_TIME_LIMIT", 300), "« 5 min » n’est pas"),
        ("CPTS_JOB_TIME_LIMIT", "²", "whole", ("CPTS_JOB_TIME_LIMIT", 300), "« ² » n’est pas un nombre"),
        ("CPTS_SITE_URL", "cpts.example.org", "site_url", (Mode.DEVELOPMENT, "x"), "n’est pas une adresse"),
        ("CPTS_SITE_URL", "https://a.fr/x", "site_url", (Mode.DEVELOPMENT, "x"), "n’est pas une adresse"),
        ("CPTS_SITE_URL", "https://a:b@c.fr", "site_url", (Mode.DEVELOPMENT, "x"), "n’est pas une adresse"),
        ("CPTS_SITE_URL", "http://a.fr", "site_url", (Mode.PRODUCTION, "x"), "commence par https://"),
        ("CPTS_SITE_URL", "", "site_url", (Mode.PRODUCTION, "http://x"), "n’est pas une adresse"),
        ("ALLOWED_HOSTS", "a.fr,*", "allowed_hosts", ("https://a.fr",), "n’importe quel nom d’hôte"),
        ("DATABASE_URL", "nonsense", "database", (Path("/data"),), "illisible"),
        ("DATABASE_URL", "postgresql://u:p@h:port/b", "database", (Path("/data"),), "illisible"),
        ("DATABASE_URL", "mysql://u:p@h/b", "database", (Path("/data"),), "attendu postgresql://"),
        ("DATABASE_URL", "postgresql://u:p@h", "database", (Path("/data"),), "attendu postgresql://"),
        ("CELERY_BROKER_URL", "memory://", "broker", (), "attendu redis://"),
        ("EMAIL_URL", "ftp://host", "email", (), "attendu smtp://"),
        ("EMAIL_URL", "smtp://host:port", "email", (), "illisible"),
        ("EMAIL_FROM", "CPTS", "sender", ("https://cpts.fr",), "n’est pas une adresse"),
        ("EMAIL_FROM", "<a@b.fr>, <c@d.fr>", "sender", ("https://cpts.fr",), "n’est pas une adresse"),
        ("CACHE_URL", "memcached://host", "cache", (Path("/data"),), "attendu redis://"),
        ("CPTS_DATA_DIR", "/dev/null/data", "data_dir", (Path("/data"),), "ne peut pas être créé"),
    ],
)
def test_nonsense_is_refused_by_name(
    refusal: Callable[..., str], name: str, value: str, method: str, args: tuple[Any, ...], reason: str
) -> None:
    sentence = refusal(name, value, method, *args)

    assert sentence.startswith(f"Variable d’environnement {name} : ")
    assert reason in sentence
    assert "\n" not in sentence


def test_a_refused_address_does_not_show_its_password(refusal: Callable[..., str]) -> None:
    assert "hunter2" not in refusal("DATABASE_URL", "postgresql://u:hunter2@h:p/b", "database", Path("/data"))
    assert "hunter2" not in refusal("EMAIL_URL", "ftp://u:hunter2@h", "email")


def test_unset_and_empty_mean_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CPTS_MODE", "DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "ALLOWED_HOSTS"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv("CPTS_SITE_URL", raising=False)
    monkeypatch.delenv("CPTS_DATA_DIR", raising=False)
    env = Environment()

    assert env.mode() is Mode.PRODUCTION
    assert env.broker() == "filesystem://"
    assert env.email()["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert env.site_url(Mode.DEVELOPMENT, "http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert env.allowed_hosts("https://cpts.fr") == ["127.0.0.1", "[::1]", "cpts.fr", "localhost"]
    assert env.database(tmp_path)["NAME"] == str(tmp_path / "cpts.sqlite3")
    assert env.data_dir(tmp_path / "new" / "folder").is_dir()
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


def test_given_values_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPTS_SITE_URL", "https://cpts.fr:8443/")
    monkeypatch.setenv("ALLOWED_HOSTS", "cpts.fr, www.cpts.fr")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@h:5433/base")
    monkeypatch.setenv("EMAIL_URL", "submission://u:p@mail.cpts.fr")
    env = Environment()
    database, email = env.database(Path("/data")), env.email()

    assert env.site_url(Mode.PRODUCTION, "") == "https://cpts.fr:8443"
    assert env.allowed_hosts("https://other.fr") == ["cpts.fr", "www.cpts.fr"]
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == ("h", 5433, "p@ss")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)
    assert database["OPTIONS"] == {"connect_timeout": 5}
    assert (email["EMAIL_HOST"], email["EMAIL_PORT"], email["EMAIL_USE_TLS"]) == ("mail.cpts.fr", 587, True)


def test_messages_leave_by_a_server_or_stay_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env = Environment()
    monkeypatch.setenv("EMAIL_URL", "")
    in_files = env.email(tmp_path)
    assert in_files == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(tmp_path),
    }

    monkeypatch.setenv("EMAIL_URL", f"file://{tmp_path}")
    assert env.email() == in_files

    monkeypatch.setenv("EMAIL_URL", "smtp://mail.cpts.fr:25")
    assert env.email(tmp_path)["EMAIL_TIMEOUT"] == 10


def test_messages_come_from_the_site_itself_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_FROM", "")
    assert Environment().sender("https://cpts.fr:8443") == "CPTS <ne-pas-repondre@cpts.fr>"
    monkeypatch.setenv("EMAIL_FROM", "contact@cpts.fr")
    assert Environment().sender("https://cpts.fr") == "contact@cpts.fr"


def test_the_cache_is_in_files_or_in_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CACHE_URL", "")
    files = Environment().cache(tmp_path)
    assert files["BACKEND"] == "django.core.cache.backends.filebased.FileBasedCache"
    assert files["LOCATION"] == str(tmp_path)

    monkeypatch.setenv("CACHE_URL", "redis://cache:6379/1")
    redis = Environment().cache(tmp_path)
    assert redis["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
    assert redis["LOCATION"] == "redis://cache:6379/1"


def test_sqlite_by_address_has_the_same_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    embedded = Environment().database(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.sqlite3'}")

    assert Environment().database(tmp_path) == embedded | {"NAME": str(tmp_path / "other.sqlite3")}


def test_former_keys_are_separated_by_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "  first second\n")
    assert Environment().former_secret_keys() == ["first", "second"]

    monkeypatch.delenv("SECRET_KEY_FALLBACKS")
    assert Environment().former_secret_keys() == []


def test_example_documents_every_variable_and_no_other(read: Callable[[str], str]) -> None:
    documented = re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    readings = [
        node.args[0].value
        for name in ("cpts/env.py", "cpts/settings.py")
        for node in ast.walk(ast.parse(read(name)))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"text", "choice", "whole"}
    ]
    parsed = re.findall(r'_parse\("\w+", "([A-Z_]+)"', read("cpts/env.py"))

    assert sorted(documented) == sorted({*readings, *parsed})


def _run(root: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "command",
    [("manage.py", "migrate"), ("-m", "gunicorn", "cpts.wsgi"), ("-m", "celery", "-A", "cpts", "worker")],
    ids=["manage", "gunicorn", "celery"],
)
def test_a_wrong_setting_stops_the_start_with_one_line(root: Path, command: tuple[str, ...]) -> None:
    done = _run(root, *command, CPTS_MODE="nonsense")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Démarrage impossible. Variable d’environnement CPTS_MODE : « nonsense » n’est pas l’une des "
        "valeurs development, demonstration, production.\n"
    )


def test_production_settings_pass_the_deployment_checks(root: Path, tmp_path: Path) -> None:
    done = _run(
        root,
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        CPTS_DATA_DIR=str(tmp_path),
        CPTS_SITE_URL="https://cpts.example.org",
        EMAIL_URL="smtp://127.0.0.1",
        SECRET_KEY="".join(map(chr, range(40, 100))),
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"
