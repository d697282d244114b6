"""How much one requester may ask."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from core.jobs.errors import RateLimitedError
from core.jobs.models import Job

_WINDOW = timedelta(hours=1)


def recent_jobs(requester: str, kind: str, since: datetime) -> int:
    """Return how many jobs of this kind the requester asked for after `since`."""
    return Job.objects.made_for(requester, kind, since=since).count()


def refuse_above(per_hour: int, *, requester: str, kind: str, now: datetime) -> None:
    """Raise RateLimitedError when the requester already asked `per_hour` jobs of this kind in an hour."""
    since = now - _WINDOW
    if recent_jobs(requester, kind, since) < per_hour:
        return
    # The next request is accepted when fewer than `per_hour` of the past ones are left in the window.
    latest = Job.objects.made_for(requester, kind, since=since).order_by("-created_at")
    blocking = latest.values_list("created_at", flat=True)[per_hour - 1]
    raise RateLimitedError(limit=per_hour, wait=blocking - since)


def count_attempt(action: str, requester: str, *, per_hour: int, now: datetime) -> None:
    """Count what leaves no job behind; raise RateLimitedError when it was done `per_hour` times in an hour.

    In: a name of ours for what is done, an opaque name of who does it. What is refused is not counted.
    """
    digest = salted_hmac("core.jobs.limits", requester, algorithm="sha256").hexdigest()
    key, since = f"limits:{action}:{digest}", (now - _WINDOW).timestamp()
    done = [instant for instant in cache.get(key, []) if instant > since]
    if len(done) >= per_hour:
        raise RateLimitedError(limit=per_hour, wait=timedelta(seconds=done[-per_hour] - since))
    cache.set(key, [*done, now.timestamp()], timeout=_WINDOW.total_seconds())
