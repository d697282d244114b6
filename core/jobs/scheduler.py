"""The scheduler: Celery's own, which also gives signs of life from its loop."""

import logging
from datetime import datetime, timedelta
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from core.jobs.domain.signs import record_sign
from core.jobs.enums import Process

logger = logging.getLogger(__name__)

_BETWEEN_SIGNS = timedelta(seconds=10)


class SigningScheduler(PersistentScheduler):
    """Writes a sign of life at its first tick, then every ten seconds, in the process that schedules.

    A message executed by a worker would only prove that the worker lives.
    """

    _last_sign: datetime | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due and return the seconds to wait before the next tick."""
        self._sign(timezone.now())
        return min(super().tick(*args, **kwargs), _BETWEEN_SIGNS.total_seconds())

    def _sign(self, now: datetime) -> None:
        if self._last_sign is not None and now - self._last_sign < _BETWEEN_SIGNS:
            return
        self._last_sign = now
        close_old_connections()
        try:
            record_sign(Process.SCHEDULER, now=now)
        except DatabaseError:
            # The health page says that the scheduler is silent; scheduling goes on.
            logger.warning("sign of life not written", exc_info=True)
