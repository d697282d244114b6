"""A person, what they are told, and a mail server that does as the test says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from core.accounts.models import User
from core.notifications.domain.messages import notify
from core.notifications.models import Notification
from tests.factories.people import UserFactory

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(db: None) -> User:
    """Return the person who is told things."""
    return UserFactory(email="tresorerie@example.org")


@pytest.fixture
def tell(person: User) -> Callable[..., Notification]:
    """Return a maker of messages to `person`, written at NOW."""

    def make(key: str = "essai", **values: Any) -> Notification:
        given = {
            "title": "Échéance d’essai",
            "body": "39\u202f159,84\u00a0€ sont attendus.",
            "path": "/cpts/littoral/",
            "cpts": None,
            "now": NOW,
        }
        recipients = values.pop("recipients", [person.pk])
        notify(recipients, key, **{**given, **values})
        return Notification.objects.get(recipient=recipients[0], key=key)

    return make


class StubbornServer(BaseEmailBackend):
    """A mail server that refuses, hangs up, or takes messages; `said` tells all that it was handed."""

    fault: ClassVar[Exception | None] = None
    out_of_reach: ClassVar[bool] = False
    said: ClassVar[list[str]] = []

    def open(self) -> bool:
        """Refuse the connection when the test says so."""
        if self.out_of_reach:
            raise ConnectionRefusedError
        return True

    def send_messages(self, messages: Any) -> int:
        """Take the messages, then fail when the test says so."""
        for message in messages:
            self.said.append(message.subject)
            if self.fault:
                raise self.fault
        return len(messages)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[StubbornServer]:
    """Return the mail server, in a good mood."""
    settings.EMAIL_BACKEND = "tests.core.notifications.conftest.StubbornServer"
    for name, value in {"fault": None, "out_of_reach": False, "said": []}.items():
        monkeypatch.setattr(StubbornServer, name, value)
    return StubbornServer


def row(notification: Notification) -> dict[str, Any]:
    """Return every column of a message as the database has it now."""
    return Notification.objects.filter(pk=notification.pk).values().get()
