"""The database refuses impossible messages."""

import pytest
from django.db import IntegrityError, transaction

from core.notifications.models import Notification
from tests.core.notifications.conftest import NOW, row

_TRIED = {"mail_attempts": 1, "mail_tried_at": NOW}
_IMPOSSIBLE = [
    ("mail_state_known", {"mail_state": "lost", **_TRIED}),
    ("sent_is_dated", {"mail_state": "sent", **_TRIED}),
    ("sent_is_dated", {"mail_state": "failed", "mailed_at": NOW, **_TRIED}),
    ("waits_until_tried", {"mail_attempts": 1}),
    ("waits_until_tried", {"mail_tried_at": NOW}),
    ("waits_until_tried", {"mail_state": "claimed"}),
    ("opens_a_page_of_ours", {"path": "https://example.org/"}),
    ("opens_a_page_of_ours", {"path": "//example.org/"}),
    ("opens_a_page_of_ours", {"path": ""}),
]


@pytest.mark.parametrize(("name", "wrong"), _IMPOSSIBLE)
def test_an_impossible_message_is_refused(tell, name, wrong):
    notification = tell()
    before = row(notification)

    with (
        pytest.raises(IntegrityError, match=f"notifications_notification_{name}"),
        transaction.atomic(),
    ):
        Notification.objects.filter(pk=notification.pk).update(**wrong)

    assert row(notification) == before


def test_a_person_is_told_an_occasion_once(tell):
    tell("a")
    second = tell("b")

    with pytest.raises(IntegrityError, match=r"recipient_id|notification_once"), transaction.atomic():
        Notification.objects.filter(pk=second.pk).update(key="a")


def test_every_constraint_is_expected_by_name():
    tested = {f"notifications_notification_{name}" for name, _ in _IMPOSSIBLE}

    assert {each.name for each in Notification._meta.constraints} == tested | {
        "notifications_notification_once"
    }
