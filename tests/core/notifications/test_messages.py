"""People are told once, whoever tells them and however often."""

import pytest

from core.notifications.domain.messages import mark_all_read, mark_read, notify, unread_count
from core.notifications.models import Notification
from tests.core.notifications.conftest import MINUTE, NOW, row
from tests.factories.people import UserFactory


def test_the_row_says_everything(tell, person, cpts):
    notification = tell(cpts=cpts)

    assert row(notification) == {
        "id": notification.pk,
        "recipient_id": person.pk,
        "cpts_id": cpts.pk,
        "key": "essai",
        "title": "Échéance d’essai",
        "body": "39\u202f159,84\u00a0€ sont attendus.",
        "path": "/cpts/littoral/",
        "created_at": NOW,
        "read_at": None,
        "mail_state": "waiting",
        "mail_attempts": 0,
        "mail_tried_at": None,
        "mailed_at": None,
    }


def test_the_same_occasion_is_told_once(tell):
    first = row(tell())

    again = tell(title="Un autre titre", now=NOW + MINUTE)

    assert row(again) == first
    assert Notification.objects.count() == 1


def test_each_person_has_their_own(tell, person):
    other = UserFactory()
    tell()

    tell(recipients=[other.pk, person.pk])

    assert sorted(Notification.objects.values_list("recipient", flat=True)) == sorted([person.pk, other.pk])


def test_nobody_to_tell_writes_nothing(db):
    notify([], "essai", title="Essai", body="Rien.", path="/", cpts=None, now=NOW)

    assert not Notification.objects.exists()


@pytest.mark.parametrize("path", ["", "https://example.org/", "//example.org/", "messages/"])
def test_a_message_opens_a_page_of_ours(tell, path):
    with pytest.raises(ValueError, match="no page of ours"):
        tell(path=path)

    assert not Notification.objects.exists()


def test_unread_messages_are_counted_for_their_person_only(tell, person):
    tell("a"), tell("b")
    tell("a", recipients=[UserFactory().pk])

    assert unread_count(person.pk) == 2


def test_a_message_is_read_the_first_time(tell, person):
    notification = tell()
    mark_read(notification, now=NOW + MINUTE)
    once = row(notification)

    mark_read(notification, now=NOW + 2 * MINUTE)

    assert row(notification) == once
    assert once["read_at"] == NOW + MINUTE
    assert unread_count(person.pk) == 0


def test_all_are_read_at_once_but_those_of_others_and_of_later(tell, person):
    mine, later = tell("a"), tell("b", now=NOW + 2 * MINUTE)
    other = tell("a", recipients=[UserFactory().pk])

    assert mark_all_read(person.pk, now=NOW + MINUTE) == 1

    assert [row(each)["read_at"] for each in (mine, later, other)] == [NOW + MINUTE, None, None]
    assert mark_all_read(person.pk, now=NOW + MINUTE) == 0
