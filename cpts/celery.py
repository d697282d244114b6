"""The Celery application: the same tasks and worker on Redis and on the embedded broker."""

from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready
from kombu.transport import TRANSPORT_ALIASES

from cpts.start import load_settings

load_settings()
# kombu takes transports by alias only; its own for files is not safe with several processes.
TRANSPORT_ALIASES["filesystem"] = "core.jobs.embedded_broker:Transport"

app = Celery("cpts")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def warm_up(**_kwargs: Any) -> None:
    """Import what prints before the pool forks: the first document of each process does not wait for it."""
    import_module("weasyprint")


@worker_ready.connect
def start_at_once(**_kwargs: Any) -> None:
    """Give a sign of life, look for lost jobs and missed anniversaries as soon as a worker is up.

    At the next tick it would be later, up to an hour for a machine that was off at midnight.
    """
    for name in ("jobs.worker_sign_of_life", "jobs.sweep", "funding.look_at_contracts"):
        app.send_task(name, expires=60)
