"""Typed reading of the environment: a nonsense value stops the start with one sentence.

Settings come from the environment only. `.env.example` documents every variable read here.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

_ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
_BROKERS = ("redis://", "rediss://", "filesystem://")
_CACHES = ("redis://", "rediss://")
_CONSOLE = "django.core.mail.backends.console.EmailBackend"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SITE_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.IGNORECASE)
_SENDER = re.compile(r"(?:[^<>@\r\n]+<)?[^<>@\s]+@[^<>@\s]+>?")
_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


class Mode(StrEnum):
    """What this installation is for: it decides the defaults, never the features."""

    DEVELOPMENT = "development"
    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


class Environment:
    """Strict reader: each method returns a typed value or raises ImproperlyConfigured with a sentence.

    A variable set to an empty string counts as unset, as compose files and process managers write it.
    """

    def __init__(self) -> None:
        self._env = Env()

    def text(self, name: str, default: str = "") -> str:
        """Return variable `name` without surrounding blanks, or `default`."""
        return str(self._env.str(name, "")).strip() or default

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of `choices`."""
        value = self.text(name, default)
        if value not in choices:
            _refuse(name, f"« {value} » n’est pas l’une des valeurs {', '.join(choices)}")
        return value

    def whole(self, name: str, default: int, *, least: int = 1) -> int:
        """Return a whole number, at least `least`."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit()) or int(value) < least:
            _refuse(name, f"« {value} » n’est pas un nombre entier d’au moins {least}")
        return int(value)

    def mode(self) -> Mode:
        """Return the installation's mode; production when CPTS_MODE is unset."""
        return Mode(self.choice("CPTS_MODE", tuple(Mode), Mode.PRODUCTION))

    def log_level(self) -> str:
        """Return the level under which nothing is logged."""
        return self.choice("LOG_LEVEL", _LOG_LEVELS, "INFO")

    def secret_key(self, mode: Mode) -> str:
        """Return SECRET_KEY; it is never empty, and long in production."""
        value = self.text("SECRET_KEY")
        if not value:
            _refuse("SECRET_KEY", "elle est vide ; .env.example donne une commande pour en créer une")
        if mode is Mode.PRODUCTION and len(value) < 50:
            _refuse("SECRET_KEY", "en production elle compte au moins 50 caractères")
        return value

    def former_secret_keys(self) -> list[str]:
        """Return SECRET_KEY_FALLBACKS, separated by blanks: what they signed is still believed."""
        return self.text("SECRET_KEY_FALLBACKS").split()

    def data_dir(self, default: Path) -> Path:
        """Return the folder of stored files, created if need be."""
        path = Path(self.text("CPTS_DATA_DIR", str(default))).absolute()
        try:
            # Documents, the base of a small installation, cached pickles: for nobody else of the machine.
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            _refuse("CPTS_DATA_DIR", f"le dossier {path} ne peut pas être créé ({error.strerror})")
        return path

    def site_url(self, mode: Mode, default: str) -> str:
        """Return the public address (scheme and host, no trailing slash) printed in documents and QR codes.

        In production it must be given, and in HTTPS: cookies and redirections depend on it.
        """
        value = self.text("CPTS_SITE_URL", "" if mode is Mode.PRODUCTION else default).rstrip("/")
        if not _SITE_URL.fullmatch(value):
            _refuse("CPTS_SITE_URL", f"« {value} » n’est pas une adresse comme https://cpts.example.org")
        if mode is Mode.PRODUCTION and not value.startswith("https://"):
            _refuse("CPTS_SITE_URL", "en production l’adresse commence par https://")
        return value

    def allowed_hosts(self, site_url: str) -> list[str]:
        """Return the host names the site answers to: by default its own and, for probes, the loopback."""
        given = [name.strip() for name in self.text("ALLOWED_HOSTS").split(",") if name.strip()]
        if "*" in given:
            _refuse("ALLOWED_HOSTS", "« * » laisserait n’importe quel nom d’hôte ; listez les vôtres")
        return given or sorted({str(urlsplit(site_url).hostname), *_LOOPBACK})

    def database(self, data_dir: Path) -> dict[str, Any]:
        """Return Django's database settings: PostgreSQL from DATABASE_URL, else SQLite in `data_dir`."""
        if not self.text("DATABASE_URL"):
            return _sqlite(str(data_dir / "cpts.sqlite3"))
        settings = self._parse("dj_db_url", "DATABASE_URL")
        if settings["ENGINE"] not in _ENGINES or not settings["NAME"]:
            _refuse("DATABASE_URL", "attendu postgresql://utilisateur:secret@hôte/base ou sqlite:////chemin")
        if settings["ENGINE"] == "django.db.backends.sqlite3":
            return _sqlite(settings["NAME"])
        # Without a limit, a server that does not answer holds a page, /healthz included, for minutes.
        options = {"connect_timeout": 5, **settings.get("OPTIONS", {})}
        return settings | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}

    def broker(self) -> str:
        """Return the address of the queue; files under the data folder when CELERY_BROKER_URL is unset."""
        value = self.text("CELERY_BROKER_URL", "filesystem://")
        if not value.startswith(_BROKERS):
            _refuse("CELERY_BROKER_URL", "attendu redis://hôte:port/numéro, ou rien")
        return value

    def cache(self, folder: Path) -> dict[str, Any]:
        """Return Django's cache settings: Redis from CACHE_URL, else files in `folder`.

        Limits of attempts are counted in it: every web process must see the same one.
        """
        value = self.text("CACHE_URL")
        if not value:
            return {
                "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                "LOCATION": str(folder),
                # Beyond, entries are thrown away at random, counted attempts among them.
                "OPTIONS": {"MAX_ENTRIES": 20_000},
            }
        if not value.startswith(_CACHES):
            _refuse("CACHE_URL", "attendu redis://hôte:port/numéro, ou rien")
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": value,
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        }

    def email(self, folder: Path | None = None) -> dict[str, Any]:
        """Return Django's e-mail settings.

        When EMAIL_URL is unset, messages are written as files of `folder`, or to the console without one.
        """
        if not self.text("EMAIL_URL"):
            return _mail_in_files(folder) if folder else {"EMAIL_BACKEND": _CONSOLE}
        parsed = self._parse("dj_email_url", "EMAIL_URL")
        if "EMAIL_BACKEND" not in parsed:
            _refuse("EMAIL_URL", "attendu smtp://, submission://, file:///dossier ou console:")
        if parsed["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
            # The parser takes the first slash of the path away.
            return _mail_in_files(Path("/", parsed["EMAIL_FILE_PATH"]))
        settings = {name: value for name, value in parsed.items() if name.startswith("EMAIL_")}
        # A page waits for the server that takes the message.
        return settings | {"EMAIL_TIMEOUT": settings["EMAIL_TIMEOUT"] or 10}

    def sender(self, site_url: str) -> str:
        """Return the address that messages come from: EMAIL_FROM, else one of the site's own host."""
        value = self.text("EMAIL_FROM", f"CPTS <ne-pas-repondre@{urlsplit(site_url).hostname}>")
        if not _SENDER.fullmatch(value):
            _refuse("EMAIL_FROM", f"« {value} » n’est pas une adresse comme CPTS <cpts@example.org>")
        return value

    def _parse(self, kind: str, name: str) -> dict[str, Any]:
        try:
            parsed: dict[str, Any] = getattr(self._env, kind)(name)
        except (EnvError, ValueError):
            # The value may hold a password: it is not repeated.
            _refuse(name, "l’adresse est illisible ; .env.example en donne la forme")
        return parsed


def _sqlite(path: str) -> dict[str, Any]:
    # Without IMMEDIATE, concurrent read-modify-write transactions fail with "database is locked".
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            # What replaces a row goes through the triggers that forbid its deletion.
            "PRAGMA recursive_triggers=ON;",
        },
    }


def _mail_in_files(folder: Path) -> dict[str, Any]:
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(folder),
    }


def _refuse(name: str, reason: str) -> NoReturn:
    raise ImproperlyConfigured(f"Variable d’environnement {name} : {reason}.")
