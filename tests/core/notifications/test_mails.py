"""An e-mail leaves once, or its message says that it did not."""

import smtplib

import pytest
from django.core import mail

from core.notifications.domain import mails
from core.notifications.domain.delivery import BETWEEN_ATTEMPTS
from core.notifications.domain.mails import send_mails
from core.notifications.enums import MailState
from core.notifications.models import Notification
from core.notifications.models.notification import MOST_ATTEMPTS
from tests.core.notifications.conftest import MINUTE, NOW, row

_REFUSALS = [
    smtplib.SMTPDataError(452, b"mailbox full"),
    smtplib.SMTPRecipientsRefused({}),
    smtplib.SMTPSenderRefused(550, b"no", "x"),
]
_DOUBTS = [smtplib.SMTPServerDisconnected("gone"), TimeoutError(), ConnectionResetError()]


def sweep(at=NOW):
    return send_mails(clock=lambda: at)


def mail_columns(notification):
    values = row(notification)
    return tuple(values[name] for name in ("mail_state", "mail_attempts", "mail_tried_at", "mailed_at"))


def test_the_mail_says_what_the_message_says(tell, settings, cpts):
    settings.SITE_URL = "https://cpts.example.org"
    notification = tell(cpts=cpts, title="Échéance &\nd’essai")

    assert sweep(NOW + MINUTE) == 1

    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("Échéance & d’essai", ["tresorerie@example.org"])
    assert sent.body == (
        "Bonjour,\n\n39\u202f159,84\u00a0€ sont attendus.\n\n"
        f"Ouvrir cette page :\nhttps://cpts.example.org/messages/{notification.pk}/\n\n"
        "Ce message concerne CPTS du Littoral d’essai.\n\n"
        "CPTS, la plateforme\nhttps://cpts.example.org\n\n"
    )
    assert mail_columns(notification) == (MailState.SENT, 1, NOW + MINUTE, NOW + MINUTE)


def test_a_second_sweep_sends_nothing(tell):
    before = row(tell()) and sweep() and row(Notification.objects.get())

    assert sweep(NOW + MINUTE) == 0

    assert len(mail.outbox) == 1
    assert row(Notification.objects.get()) == before


def test_two_sweeps_at_once_send_one_mail(tell, monkeypatch):
    """The second one read the message before the first one took it."""
    tell()
    claim = mails._claim

    def claimed_by_another_first(notification, *, now):
        monkeypatch.setattr(mails, "_claim", claim)
        sweep()
        return claim(notification, now=now)

    monkeypatch.setattr(mails, "_claim", claimed_by_another_first)

    assert sweep() == 0
    assert len(mail.outbox) == 1


def test_a_worker_killed_in_between_leaves_a_doubt_that_nobody_settles(tell, monkeypatch):
    notification = tell()

    def killed(*_args):
        raise SystemExit

    monkeypatch.setattr(mails, "_mail_of", killed)
    with pytest.raises(SystemExit):
        sweep()
    monkeypatch.undo()

    assert sweep(NOW + 10 * BETWEEN_ATTEMPTS) == 0

    assert mail_columns(notification) == (MailState.CLAIMED, 1, NOW, None)
    assert Notification.objects.get().get_mail_state_display() == "Envoi incertain"


@pytest.mark.parametrize("refusal", _REFUSALS, ids=lambda error: type(error).__name__)
def test_a_refused_mail_is_tried_again_later_and_the_others_leave(tell, server, refusal):
    first, _other = tell("a"), tell("b", title="Un autre")
    server.fault = refusal
    assert sweep() == 0
    assert mail_columns(first) == (MailState.FAILED, 1, NOW, None)
    assert server.said == ["Échéance d’essai", "Un autre"]

    server.fault = None
    assert sweep(NOW + BETWEEN_ATTEMPTS - MINUTE) == 0
    assert sweep(NOW + BETWEEN_ATTEMPTS) == 2

    assert mail_columns(first) == (MailState.SENT, 2, NOW + BETWEEN_ATTEMPTS, NOW + BETWEEN_ATTEMPTS)


def test_a_mail_always_refused_is_given_up(tell, server):
    notification = tell()
    server.fault = _REFUSALS[0]

    for attempt in range(2 * MOST_ATTEMPTS):
        sweep(NOW + attempt * BETWEEN_ATTEMPTS)

    assert len(server.said) == MOST_ATTEMPTS
    assert mail_columns(notification)[:2] == (MailState.FAILED, MOST_ATTEMPTS)


@pytest.mark.parametrize("doubt", _DOUBTS, ids=lambda error: type(error).__name__)
def test_a_connection_that_breaks_leaves_one_doubt_and_the_others_wait(tell, server, doubt):
    first, other = tell("a"), tell("b")
    server.fault = doubt
    assert sweep() == 0

    assert mail_columns(first) == (MailState.CLAIMED, 1, NOW, None)
    assert mail_columns(other) == (MailState.WAITING, 0, None, None)

    server.fault = None
    assert sweep(NOW + 10 * BETWEEN_ATTEMPTS) == 1
    assert mail_columns(first)[0] == MailState.CLAIMED


def test_a_server_out_of_reach_leaves_messages_waiting(tell, server):
    notification = tell()
    server.out_of_reach = True

    for _ in range(MOST_ATTEMPTS + 1):
        assert sweep() == 0

    assert mail_columns(notification) == (MailState.WAITING, 0, None, None)
    server.out_of_reach = False
    assert sweep() == 1


def test_a_server_that_refuses_to_hang_up_does_no_harm(tell, server, monkeypatch):
    notification = tell()

    def close(_self):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(server, "close", close)

    assert sweep() == 1
    assert mail_columns(notification)[0] == MailState.SENT


@pytest.mark.parametrize("count", [1, 3])
def test_reading_what_waits_costs_one_query(tell, server, django_assert_num_queries, count):
    for number in range(count):
        tell(str(number))

    # One to read them, then a claim and a result each.
    with django_assert_num_queries(1 + 2 * count):
        sweep()


def test_nothing_to_send_asks_nobody(db, server):
    server.out_of_reach = True

    assert sweep() == 0


def test_nothing_leaves_to_an_account_closed_since(tell):
    notification = tell()
    notification.recipient.is_active = False
    notification.recipient.save()
    before = mail_columns(notification)

    assert sweep(NOW + MINUTE) == 0

    assert mail.outbox == []
    assert mail_columns(notification) == before
