"""Health of the installation, for probes and for people on call."""

import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.jobs.enums import Process
from core.jobs.models import SignOfLife

logger = logging.getLogger(__name__)

_BROKER_TIMEOUT = 2  # seconds

Part = dict[str, Any]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 with the state of each part, or 503 with the culprits named.

    A part is a culprit when it cannot be reached, or was silent for longer than CPTS_HEALTH_SILENCE_LIMIT.
    """
    now = timezone.now()
    parts: dict[str, Part] = {
        "database": _probe("database", _ask_database),
        "broker": _probe("broker", _ask_broker),
    }
    parts |= _processes(now, database=parts["database"])
    culprits = [name for name, part in parts.items() if part["status"] != "ok"]
    report = {
        "status": "down" if culprits else "ok",
        "version": settings.VERSION,
        "culprits": culprits,
        **parts,
    }
    return JsonResponse(report, status=503 if culprits else 200)


def _probe(name: str, ask: Callable[[], None]) -> Part:
    try:
        ask()
    except Exception as error:
        # The reason may hold an address or a password: it goes to the log, not to the page.
        logger.warning("%s is out of reach: %s", name, error)
        return {"status": "unreachable"}
    return {"status": "ok"}


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    if settings.EMBEDDED_BROKER:
        _ask_folders()
        return
    options = {"socket_connect_timeout": _BROKER_TIMEOUT, "socket_timeout": _BROKER_TIMEOUT}
    with current_app.connection_for_write(transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=_BROKER_TIMEOUT)
        broker.default_channel.client.ping()  # type: ignore[attr-defined]


def _ask_folders() -> None:
    options: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for folder in {options["data_folder_in"], options["data_folder_out"], options["control_folder"]}:
        if not (Path(folder).is_dir() and os.access(folder, os.W_OK)):
            raise OSError(f"{folder} cannot be written")


def _processes(now: datetime, *, database: Part) -> dict[str, Part]:
    if database["status"] != "ok":
        # Their signs are in the database: nothing can be said of them, and they are not the culprits.
        return {}
    try:
        signs = dict(SignOfLife.objects.values_list("name", "at"))
    except DatabaseError:
        logger.warning("signs of life cannot be read", exc_info=True)
        signs = {}
    return {name: _process(signs.get(name), now) for name in Process.values}


def _process(last_sign: datetime | None, now: datetime) -> Part:
    if last_sign is None:
        return {"status": "never seen"}
    age = now - last_sign
    status = "silent" if age > settings.HEALTH_SILENCE_LIMIT else "ok"
    return {
        "status": status,
        "last_sign": last_sign.isoformat(timespec="seconds"),
        "age_seconds": round(age.total_seconds()),
    }
