"""What comes by itself: statements of anniversaries, and what became due, each once."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.jobs.models import Job
from core.notifications.domain.mails import send_mails
from core.notifications.models import Notification
from funding.domain import anniversaries
from funding.domain.anniversaries import look_at, look_at_contracts
from funding.domain.receipts import received_lines
from funding.domain.statements import stored_lines
from funding.models import DueNotice, Statement
from tests.factories.funding import EXAMPLE_A, change, receive, sign
from tests.factories.people import CptsFactory, assign

pytestmark = pytest.mark.django_db

SIGNED = datetime(2023, 3, 15, 9, tzinfo=UTC)
"""The contract of these tests is recorded on the day it is signed, then time goes by."""


def on(day: str) -> datetime:
    """Nine in the morning of a day, in Paris or an hour before."""
    return datetime.fromisoformat(f"{day}T08:00:00+00:00")


def told(kind: str = "funding.due") -> list[str]:
    return list(
        Notification.objects.filter(key__startswith=kind).order_by("pk").values_list("title", flat=True)
    )


def statements() -> list[tuple[int, str, int, str]]:
    rows = Statement.objects.order_by("version").values_list("version", "occasion", "contract_year", "as_of")
    return [(version, occasion, year, as_of.isoformat()) for version, occasion, year, as_of in rows]


def everything():
    tables = (Statement, Notification, Job, DueNotice, AuditEntry)
    return [list(table.objects.order_by("pk").values()) for table in tables]


@pytest.fixture
def treasurer(cpts):
    return assign(Role.TREASURER, cpts).user


@pytest.fixture
def contract(cpts, treasurer):
    return sign(cpts, now=SIGNED)


def test_the_eve_of_an_anniversary_brings_no_statement(contract):
    look_at_contracts(now=on("2024-03-14"))

    assert statements() == [(1, "signature", 1, "2023-03-15")]


def test_an_anniversary_brings_its_statement_pdf_and_notice(contract, treasurer):
    look_at_contracts(now=on("2024-03-14"))

    assert look_at_contracts(now=on("2024-03-15")) == 1

    assert statements()[1:] == [(2, "anniversary", 2, "2024-03-15")]
    statement = Statement.objects.get(version=2)
    assert Job.objects.filter(unique_key=f"funding.statement_pdf:{statement.pk}").count() == 1
    message = Notification.objects.get(key=f"funding.statement:{statement.pk}")
    assert (message.recipient, message.cpts) == (treasurer, contract.cpts)
    assert message.title == "Décompte n°\u00a02 établi à la date anniversaire"
    assert "L’année 2 du contrat commence." in message.body
    assert AuditEntry.objects.latest("pk").actor_role == Role.PLATFORM


@pytest.mark.parametrize("day", ["2023-03-15", "2024-03-15", "2026-07-01", "2028-03-15"])
def test_looking_again_changes_nothing(contract, day):
    look_at_contracts(now=on(day))
    before = everything()

    assert look_at_contracts(now=on(day)) == 0
    assert look_at_contracts(now=on(day) + timedelta(hours=3)) == 0

    assert everything() == before


def test_two_missed_anniversaries_are_caught_up_in_order(contract):
    look_at_contracts(now=on("2025-04-01"))

    assert statements()[1:] == [
        (2, "anniversary", 2, "2024-03-15"),
        (3, "anniversary", 3, "2025-03-15"),
    ]
    assert told("funding.statement") == [
        "Décompte n°\u00a01 établi à la signature du contrat",
        "Décompte n°\u00a02 établi à la date anniversaire",
        "Décompte n°\u00a03 établi à la date anniversaire",
    ]
    assert Job.objects.filter(kind="funding.statement_pdf").count() == 3


def test_the_end_of_the_contract_is_its_last_anniversary(contract):
    look_at_contracts(now=on("2035-01-01"))

    assert [year for _version, _occasion, year, _as_of in statements()] == [1, 2, 3, 4, 5, 6]
    assert (
        "Le contrat est arrivé à son terme"
        in Notification.objects.filter(key__startswith="funding.statement").latest("pk").body
    )
    assert look_at_contracts(now=on("2036-01-01")) == 0


def test_a_contract_signed_on_the_29th_of_february_turns_on_the_28th(cpts):
    leap = replace(EXAMPLE_A, signed_on=date(2024, 2, 29), missions={"acces_soins": date(2024, 9, 1)})
    sign(cpts, leap, now=on("2024-02-29"))

    look_at_contracts(now=on("2025-02-27"))
    assert len(statements()) == 1
    look_at_contracts(now=on("2025-02-28"))
    assert statements()[1:] == [(2, "anniversary", 2, "2025-02-28")]
    look_at_contracts(now=on("2028-02-28"))
    assert len(statements()) == 4
    look_at_contracts(now=on("2028-02-29"))
    assert statements()[4:] == [(5, "anniversary", 5, "2028-02-29")]


def turned():
    """Return what was stated of anniversaries, in order."""
    return [row for row in statements() if row[1] == "anniversary"]


def test_a_signature_corrected_states_each_anniversary_on_its_new_day(contract):
    look_at_contracts(now=on("2025-04-20"))
    change(contract, signed_on=date(2023, 4, 15), now=on("2025-04-20"))

    assert look_at_contracts(now=on("2025-04-20")) == 1

    assert turned() == [
        (2, "anniversary", 2, "2024-03-15"),
        (3, "anniversary", 3, "2025-03-15"),
        (5, "anniversary", 2, "2024-04-15"),
        (6, "anniversary", 3, "2025-04-15"),
    ]
    assert look_at_contracts(now=on("2026-04-14")) == 0
    look_at_contracts(now=on("2026-04-15"))
    assert turned()[4:] == [(7, "anniversary", 4, "2026-04-15")]


def test_a_signature_corrected_and_taken_back_states_nothing_twice(contract):
    look_at_contracts(now=on("2025-04-20"))
    for signed_on in (date(2023, 4, 15), date(2023, 3, 15), date(2023, 4, 15), date(2023, 3, 15)):
        change(contract, signed_on=signed_on, now=on("2025-04-20"))
        look_at_contracts(now=on("2025-04-20"))
    before = everything()

    assert look_at_contracts(now=on("2025-04-21")) == 0

    assert everything() == before
    assert [as_of for _version, _occasion, _year, as_of in turned()] == [
        "2024-03-15",
        "2025-03-15",
        "2024-04-15",
        "2025-04-15",
    ]
    look_at_contracts(now=on("2026-03-15"))
    assert turned()[4][2:] == (4, "2026-03-15")


@pytest.mark.parametrize(
    ("signed_on", "then"),
    [
        (date(2022, 3, 15), [(2, "2023-03-15"), (3, "2024-03-15"), (4, "2025-03-15")]),
        (date(2024, 3, 15), [(2, "2025-03-15")]),
    ],
)
def test_a_signature_moved_by_a_whole_year_states_the_year_that_each_day_begins(contract, signed_on, then):
    """The same day may be that of another year: what was stated of the former one does not stand for it."""
    look_at_contracts(now=on("2025-04-01"))
    missions = dict.fromkeys(("acces_soins", "parcours"), signed_on)
    change(contract, signed_on=signed_on, missions=missions, now=on("2025-04-02"))

    look_at_contracts(now=on("2025-04-02"))

    assert [row[2:] for row in turned()][2:] == then
    assert look_at_contracts(now=on("2025-04-02")) == 0


def test_a_signature_corrected_by_the_eve_of_the_29th_of_february_turns_on_both_days_in_leap_years(cpts):
    signed = replace(EXAMPLE_A, signed_on=date(2024, 2, 28), missions={"acces_soins": date(2024, 9, 1)})
    contract = sign(cpts, signed, now=on("2024-03-01"))
    look_at_contracts(now=on("2028-03-01"))
    change(contract, signed_on=date(2024, 2, 29), now=on("2028-03-01"))

    look_at_contracts(now=on("2028-03-01"))

    days = ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-28", "2028-02-29"]
    assert [as_of for _version, _occasion, _year, as_of in turned()] == days
    assert look_at_contracts(now=on("2028-03-01")) == 0


def test_a_corrected_signature_leaves_what_was_received_and_tells_no_due_date_twice(contract):
    look_at_contracts(now=on("2025-04-20"))
    receive(contract, date(2023, 3, 15), date(2024, 3, 15), now=on("2025-04-20"))
    received = received_lines(contract)
    for signed_on in (date(2023, 4, 15), date(2023, 3, 15)):
        change(contract, signed_on=signed_on, now=on("2025-04-20"))
        look_at_contracts(now=on("2025-04-20"))

    for statement in Statement.objects.filter(version__gt=3):
        assert set(received) <= set(stored_lines(statement))
    assert received_lines(contract) == received
    due = [date(2023, 3, 15), date(2023, 9, 15), date(2024, 3, 15), date(2025, 3, 15)]
    assert list(DueNotice.objects.order_by("pk").values_list("due_on", flat=True))[:4] == due
    # Two treasurers by now, who are told of the new days once.
    assert (
        told()[1:]
        == ["2 échéances arrivées depuis le 15 avril 2024\u00a0: 265\u202f946,71\u00a0€ en tout"] * 2
    )


def test_the_day_is_that_of_paris(contract):
    look_at_contracts(now=datetime(2024, 3, 14, 22, 59, tzinfo=UTC))
    assert len(statements()) == 1
    look_at_contracts(now=datetime(2024, 3, 14, 23, 0, tzinfo=UTC))
    assert len(statements()) == 2


def test_a_contract_without_its_first_statement_gets_it(contract):
    """Written by a loader rather than by the verb: the scheduler finds it all the same."""
    copy = contract.__class__.objects.get(pk=contract.pk)
    copy.pk, copy.signed_on = None, date(2023, 3, 16)
    copy.save(force_insert=True)
    contract.missions.model.objects.create(contract=copy, code="parcours", starts_on=date(2024, 3, 16))

    look_at_contracts(now=on("2023-04-01"))

    assert list(copy.statements.values_list("occasion", "as_of")) == [("signature", date(2023, 3, 16))]


def test_a_contract_whose_terms_give_no_schedule_does_not_stop_the_others(contract, other_cpts, caplog):
    sign(other_cpts, now=SIGNED)
    contract.missions.filter(code="parcours").update(code="inconnue")

    with caplog.at_level(logging.ERROR):
        assert look_at_contracts(now=on("2024-03-15")) == 1

    assert Statement.objects.filter(occasion="anniversary").get().contract.cpts == other_cpts
    assert f"contract {contract.pk}: what its anniversaries bring" in caplog.text
    assert "ne connaît pas la mission" in caplog.text or "inconnue" in caplog.text


def test_killed_in_the_middle_nothing_is_lost_or_done_twice(contract, other_cpts, monkeypatch):
    sign(other_cpts, now=SIGNED)
    tell = anniversaries._tell_due_dates

    def killed(looked_at, **values):
        tell(looked_at, **values)
        if looked_at.contract.cpts == other_cpts:
            raise SystemExit

    monkeypatch.setattr(anniversaries, "_tell_due_dates", killed)
    with pytest.raises(SystemExit):
        look_at_contracts(now=on("2024-03-15"))
    assert Statement.objects.filter(occasion="anniversary").get().contract == contract
    monkeypatch.undo()

    assert look_at_contracts(now=on("2024-03-15")) == 1

    for each in (contract.cpts, other_cpts):
        assert Statement.objects.filter(contract__cpts=each, occasion="anniversary").count() == 1
    assert list(chain_faults()) == []


def test_two_at_once_establish_one(contract, monkeypatch):
    """The second scheduler listed the contract before the first one was done with it."""
    listed = anniversaries._to_look_at(date(2024, 3, 15))
    look_at_contracts(now=on("2024-03-15"))
    before = everything()
    monkeypatch.setattr(anniversaries, "_to_look_at", lambda _today: listed)

    look_at_contracts(now=on("2024-03-15"))

    assert everything() == before


# --- What became due ------------------------------------------------------------------------------


def test_a_due_date_is_told_when_it_comes(contract, treasurer):
    look_at_contracts(now=on("2023-09-14"))
    assert told()[1:] == []

    look_at_contracts(now=on("2023-09-15"))

    message = Notification.objects.latest("pk")
    assert message.title == "Échéance du 15 septembre 2023\u00a0: 39\u202f159,84\u00a0€ attendus"
    assert message.body == (
        "Échéance du 15 septembre 2023\u00a0: 39\u202f159,84\u00a0€ attendus, "
        "payables au plus tard le 15 novembre 2023.\n\n"
        "- Accès aux soins, volet fixe, avance\u00a0: 26\u202f106,56\u00a0€\n"
        "- Crises sanitaires graves, volet fixe, avance\u00a0: 13\u202f053,28\u00a0€\n\n"
        "À réception, notez le versement dans l’échéancier."
    )
    assert message.path == f"/cpts/littoral/echeancier/?contrat={contract.pk}"
    assert message.recipient == treasurer


def test_the_day_of_the_signature_is_a_due_date(contract):
    look_at_contracts(now=SIGNED)

    assert told() == ["Échéance du 15 mars 2023\u00a0: 60\u202f000,00\u00a0€ attendus"]


def test_after_a_long_absence_due_dates_are_told_in_one_message(contract):
    look_at_contracts(now=on("2025-04-01"))

    assert told() == ["4 échéances arrivées depuis le 15 mars 2023\u00a0: 533\u202f772,54\u00a0€ en tout"]
    body = Notification.objects.get(key__startswith="funding.due").body
    assert body.splitlines()[2] == (
        "Échéance du 15 mars 2024\u00a0: 173\u202f112,70\u00a0€ attendus, "
        "payables au plus tard le 15 mai 2024."
    )


def test_what_fell_due_before_the_contract_was_recorded_is_not_told(cpts, treasurer):
    sign(cpts, now=on("2024-03-15"))

    look_at_contracts(now=on("2024-03-15"))

    assert told() == ["Échéance du 15 mars 2024\u00a0: 173\u202f112,70\u00a0€ attendus"]
    assert DueNotice.objects.count() == 3


def test_what_was_received_is_not_told(contract):
    receive(contract, date(2023, 3, 15), now=SIGNED)

    look_at_contracts(now=SIGNED)

    assert told() == []
    assert look_at_contracts(now=SIGNED) == 0


def test_what_is_left_to_receive_of_a_day_is_told(contract):
    lines = Statement.objects.get().lines.filter(due_on=date(2023, 9, 15))
    look_at_contracts(now=SIGNED)
    change(contract, missions={**EXAMPLE_A.missions, "acces_soins": date(2023, 9, 16)}, now=SIGNED)

    assert lines.count() == 2
    look_at_contracts(now=on("2023-09-15"))
    look_at_contracts(now=on("2023-09-16"))

    assert told()[1:] == [
        "Échéance du 15 septembre 2023\u00a0: 13\u202f053,28\u00a0€ attendus",
        "Échéance du 16 septembre 2023\u00a0: 25\u202f963,11\u00a0€ attendus",
    ]


def test_a_treasurer_appointed_later_is_not_told_of_the_past(contract, cpts):
    look_at_contracts(now=on("2023-09-15"))
    newcomer = assign(Role.TREASURER, cpts).user

    look_at_contracts(now=on("2023-10-01"))

    assert not Notification.objects.filter(recipient=newcomer).exists()


# --- Who is told ----------------------------------------------------------------------------------


def recipients():
    return set(Notification.objects.values_list("recipient", flat=True))


def test_every_treasurer_is_told_and_nobody_else(cpts, other_cpts):
    first, second = (assign(Role.TREASURER, cpts).user.pk for _ in range(2))
    for role in (Role.COORDINATOR, Role.BOARD, Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR):
        assign(role, cpts)
    assign(Role.TREASURER, other_cpts)

    sign(cpts, now=SIGNED)
    look_at_contracts(now=SIGNED)

    assert recipients() == {first, second}


def test_without_a_treasurer_coordinators_are_told(cpts):
    gone = assign(Role.TREASURER, cpts, ended_at=SIGNED)
    closed = assign(Role.TREASURER, cpts)
    closed.user.is_active = False
    closed.user.save()
    coordinator = assign(Role.COORDINATOR, cpts).user.pk

    sign(cpts, now=SIGNED)

    assert recipients() == {coordinator}
    assert gone.user.pk not in recipients()


INVITED = SIGNED - timedelta(days=9)


def invite(role, cpts, **values):
    """Give a role by an invitation, that leaves at once."""
    return assign(role, cpts, started_at=INVITED, invited_at=INVITED, **values).user


@pytest.mark.parametrize("signed_in", [None, INVITED - timedelta(days=1)])
def test_a_treasurer_who_did_not_come_since_the_invitation_is_told_no_amount(cpts, signed_in):
    """The address may be another's: coordinators are told, as when there is no treasurer."""
    invite(Role.TREASURER, cpts, user__last_login=signed_in)
    invite(Role.COORDINATOR, cpts)
    came = invite(Role.COORDINATOR, cpts, user__last_login=INVITED)

    sign(cpts, now=SIGNED)
    look_at_contracts(now=SIGNED)
    send_mails(clock=lambda: SIGNED)

    assert recipients() == {came.pk}
    assert [sent.to for sent in mail.outbox] == [[came.email]] * 2


def test_a_treasurer_who_came_is_told_from_then_on(cpts):
    treasurer = invite(Role.TREASURER, cpts)
    came = invite(Role.TREASURER, cpts, user__last_login=INVITED)
    sign(cpts, now=SIGNED)
    assert recipients() == {came.pk}

    treasurer.last_login = SIGNED
    treasurer.save()
    look_at_contracts(now=SIGNED)

    assert list(Notification.objects.filter(recipient=treasurer).values_list("key", flat=True)) == [
        f"funding.due:{Statement.objects.get().contract_id}:2023-03-15"
    ]


def test_with_nobody_to_tell_the_statement_is_there_all_the_same(cpts):
    sign(cpts, now=SIGNED)
    look_at_contracts(now=on("2024-03-15"))

    assert len(statements()) == 2
    assert recipients() == set()
    assert look_at_contracts(now=on("2024-03-15")) == 0


def test_a_person_with_both_roles_is_told_once(cpts, treasurer):
    assign(Role.COORDINATOR, cpts, user=treasurer)

    sign(cpts, now=SIGNED)

    assert Notification.objects.count() == 1


def test_the_treasurer_gets_an_email_too(contract, treasurer, settings):
    settings.SITE_URL = "https://cpts.example.org"
    send_mails(clock=lambda: SIGNED)

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (
        [treasurer.email],
        "Décompte n°\u00a01 établi à la signature du contrat",
    )
    assert f"https://cpts.example.org/messages/{Notification.objects.get().pk}/" in sent.body


# --- How much it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_looking_when_there_is_nothing_to_do_costs_two_queries(db, django_assert_num_queries, count):
    for _ in range(count):
        sign(CptsFactory(), now=SIGNED)
    assert look_at_contracts(now=on("2024-03-15")) == count

    with django_assert_num_queries(2):
        assert look_at_contracts(now=on("2024-03-15")) == 0


@pytest.mark.parametrize(("day", "missed"), [("2024-03-15", 1), ("2026-03-15", 3)])
def test_a_contract_is_locked_and_read_once_however_many_anniversaries_it_missed(contract, day, missed):
    with CaptureQueriesContext(connection) as queries:
        look_at(contract.pk, today=on(day).date(), now=on(day))

    assert Statement.objects.filter(occasion="anniversary").count() == missed
    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    for table in ("organisations_cpts", "aci_contract", "aci_contractmission", "aci_attainment"):
        assert sum(f'FROM "{table}"' in sql for sql in asked) == 1, table
    assert sum('JOIN "funding_receiptline"' in sql for sql in asked) == 1


@pytest.mark.parametrize("fault", [OperationalError, SoftTimeLimitExceeded])
def test_when_the_database_or_the_time_runs_out_the_look_stops(contract, monkeypatch, fault):
    def broken(*_args, **_values):
        raise fault

    monkeypatch.setattr(anniversaries, "issue_locked", broken)
    with pytest.raises(fault):
        look_at_contracts(now=on("2024-03-15"))


def test_any_other_fault_is_that_of_one_contract(contract, monkeypatch, caplog):
    def broken(*_args, **_values):
        raise IntegrityError("a row too many")

    monkeypatch.setattr(anniversaries, "issue_locked", broken)

    assert look_at_contracts(now=on("2024-03-15")) == 0
    assert "a row too many" in caplog.text
