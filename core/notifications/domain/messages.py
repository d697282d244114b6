"""Telling people something once, and what they do with it."""

from collections.abc import Iterable
from datetime import datetime

from core.notifications.models import Notification
from core.organisations.models import Cpts


def notify(
    recipients: Iterable[int],
    key: str,
    *,
    title: str,
    body: str,
    path: str,
    cpts: Cpts | None,
    now: datetime,
) -> None:
    """Write a message to each of these people, in the caller's transaction; its e-mail leaves by itself.

    In: numbers of people; the occasion: told again to the same person, it changes nothing; French plain
    text; the page of ours to open, from the root of the site (ValueError for anything else).
    """
    if not path.startswith("/") or path.startswith("//"):
        # Said here: SQLite would ignore the row, as it does a message told already.
        raise ValueError(f"{path!r} is no page of ours")
    rows = [
        Notification(
            recipient_id=user_id, key=key, title=title, body=body, path=path, cpts=cpts, created_at=now
        )
        for user_id in recipients
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def unread_count(user_id: int) -> int:
    """Return how many messages somebody has not read yet."""
    return Notification.objects.to_person(user_id).unread().count()


def mark_read(notification: Notification, *, now: datetime) -> None:
    """Note when somebody first opened a message; again, it changes nothing."""
    Notification.objects.filter(pk=notification.pk).unread().update(read_at=max(now, notification.created_at))


def mark_all_read(user_id: int, *, now: datetime) -> int:
    """Note that somebody read all their messages, and return how many were new."""
    written = Notification.objects.to_person(user_id).unread().filter(created_at__lte=now)
    return written.update(read_at=now)
