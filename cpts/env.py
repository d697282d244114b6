"""Typed reading of the environment: a nonsense value stops the start with one sentence.

Settings come from the environment only. `.env.example` documents every variable read here.
"""

from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError


class Mode(StrEnum):
    """What this installation is for: it decides the defaults, never the features."""

    DEVELOPMENT = "development"
    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


class Environment:
    """Strict reader: each method returns a typed value or raises ImproperlyConfigured with a sentence."""

    def __init__(self) -> None:
        self._env = Env()

    def read(self, kind: str, name: str, *args: Any, **kwargs: Any) -> Any:
        """Return variable `name` parsed by environs' method `kind` ("str", "int", "bool", "list"…)."""
        try:
            return getattr(self._env, kind)(name, *args, **kwargs)
        except (EnvError, ValueError) as error:
            _refuse(name, str(error))

    def mode(self) -> Mode:
        """Return the installation's mode; production when CPTS_MODE is unset."""
        value = self.read("str", "CPTS_MODE", Mode.PRODUCTION.value)
        if value not in set(Mode):
            _refuse("CPTS_MODE", f"« {value} » n'est pas l'une des valeurs {', '.join(Mode)}")
        return Mode(value)

    def secret_key(self, mode: Mode) -> str:
        """Return SECRET_KEY; only development and demonstration may be short, none may be empty."""
        value: str = self.read("str", "SECRET_KEY", "")
        if not value:
            _refuse("SECRET_KEY", "elle est vide ; une commande pour en créer une est dans .env.example")
        if mode is Mode.PRODUCTION and len(value) < 50:
            _refuse("SECRET_KEY", "en production elle compte au moins 50 caractères")
        return value

    def positive(self, name: str, default: int) -> int:
        """Return a whole number greater than zero."""
        value: int = self.read("int", name, default)
        if value <= 0:
            _refuse(name, f"{value} n'est pas un entier positif")
        return value

    def site_url(self, default: str) -> str:
        """Return the public address (scheme and host, no trailing slash) printed in documents and QR codes."""
        value: str = self.read("str", "CPTS_SITE_URL", default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
            _refuse("CPTS_SITE_URL", f"« {value} » n'est pas une adresse comme https://cpts.example.org")
        return value

    def database(self, data_dir: Path) -> dict[str, Any]:
        """Return Django's database settings: PostgreSQL from DATABASE_URL, else SQLite in `data_dir`."""
        if not self.read("str", "DATABASE_URL", ""):
            return _sqlite(data_dir / "cpts.sqlite3")
        settings: dict[str, Any] = self.read("dj_db_url", "DATABASE_URL")
        if settings["ENGINE"] == "django.db.backends.sqlite3":
            return _sqlite(Path(settings["NAME"]))
        if settings["ENGINE"] != "django.db.backends.postgresql":
            _refuse("DATABASE_URL", "seuls sqlite:// et postgresql:// sont pris en charge")
        return settings | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _sqlite(path: Path) -> dict[str, Any]:
    # Without IMMEDIATE, concurrent read-modify-write transactions fail with "database is locked".
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


def _refuse(name: str, reason: str) -> NoReturn:
    raise ImproperlyConfigured(f"Variable d'environnement {name} : {reason}.")
