"""Signs of life of the worker and of the scheduler."""

from datetime import datetime

from core.jobs.enums import Process
from core.jobs.models import SignOfLife


def record_sign(process: Process, *, now: datetime, detail: str = "") -> None:
    """Note that a process works now; twice, or by two of them at once, is harmless."""
    SignOfLife.objects.update_or_create(name=process, defaults={"at": now, "detail": detail[:200]})
