"""Giving and ending roles: who may, what is written, what is never left empty; and the switch."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from core.access.actors import PLATFORM, Actor
from core.access.enums import CPTS_ROLES, HELD_ROLES, Role
from core.access.sessions import ROLE_KEY
from core.access.verdict import RefusedError
from core.accounts.domain.invitations import invite_person
from core.accounts.domain.roles import end_role, give_role, held_roles
from core.accounts.models import RoleAssignment
from core.accounts.rules import can_end_role, can_give_role, can_keep_people, can_see_people
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from tests.factories.people import CptsFactory, InstitutionFactory, UserFactory, assign, client_of
from tests.factories.threads import at_once

NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
ADMINISTRATOR = Actor(role=Role.ADMINISTRATOR, user_id=1)
pytestmark = pytest.mark.django_db


def actor(role, cpts_id=7):
    return Actor(role=role, user_id=1, cpts_id=cpts_id if role in CPTS_ROLES else None)


# --- Rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(HELD_ROLES))
@pytest.mark.parametrize("given", sorted(HELD_ROLES))
def test_who_gives_and_ends_which_role(role, given):
    expected = role == Role.ADMINISTRATOR or (role == Role.COORDINATOR and given in CPTS_ROLES)

    assert can_give_role(actor(role), given, 7).allowed is expected
    held = RoleAssignment(role=given, cpts_id=7 if given in CPTS_ROLES else None)
    assert can_end_role(actor(role), held).allowed is expected


def test_a_coordinator_gives_nothing_elsewhere():
    verdict = can_give_role(actor(Role.COORDINATOR), Role.MEMBER, 8)

    assert not verdict
    assert verdict.reason.startswith("Vous ne pouvez pas confier ce rôle")
    assert not can_give_role(actor(Role.COORDINATOR), Role.MEMBER, None)


def test_nobody_gives_the_role_of_the_platform():
    assert not can_give_role(ADMINISTRATOR, Role.PLATFORM, None)


@pytest.mark.parametrize("role", sorted(HELD_ROLES))
def test_who_sees_and_keeps_people(cpts, role):
    who = actor(role, cpts.pk)

    assert can_see_people(who, cpts).allowed is (role in {"coordinator", "board", "administrator"})
    assert can_keep_people(who, cpts).allowed is (role in {"coordinator", "administrator"})


# --- Giving --------------------------------------------------------------------------------------


def test_giving_a_role_writes_one_entry_in_the_journal_of_the_cpts(cpts):
    user = UserFactory()

    held = give_role(user, Role.TREASURER, by=ADMINISTRATOR, now=NOW, cpts=cpts)

    assert (held.user, held.role, held.cpts, held.started_at, held.ended_at) == (
        user, "treasurer", cpts, NOW, None,
    )  # fmt: skip
    entry = AuditEntry.objects.of_cpts(cpts.pk).get()
    assert (entry.action, entry.actor_id, entry.actor_role) == ("accounts.role_given", 1, "administrator")
    assert entry.changes == {
        "user": [None, user.pk],
        "role": [None, "treasurer"],
        "cpts": [None, cpts.pk],
        "started_at": [None, "2026-11-24T13:05:00+00:00"],
    }


def test_a_role_given_twice_is_given_once(cpts):
    user = UserFactory()
    first = give_role(user, Role.BOARD, by=ADMINISTRATOR, now=NOW, cpts=cpts)

    assert give_role(user, Role.BOARD, by=ADMINISTRATOR, now=NOW, cpts=cpts) == first
    assert AuditEntry.objects.of_cpts(cpts.pk).count() == 1


def test_a_role_that_one_may_not_give_is_not_given(cpts):
    user = UserFactory()

    with pytest.raises(RefusedError):
        give_role(user, Role.ADMINISTRATOR, by=actor(Role.COORDINATOR, cpts.pk), now=NOW)

    assert not RoleAssignment.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_role_of_a_reviewer_goes_to_the_journal_of_the_platform():
    held = give_role(UserFactory(), Role.REVIEWER, by=PLATFORM, now=NOW, institution=InstitutionFactory())

    assert AuditEntry.objects.about(held).get().chain == "platform"


# --- Ending --------------------------------------------------------------------------------------


def test_ending_a_role_keeps_its_row_and_writes_one_entry(cpts):
    held = assign(Role.TREASURER, cpts)

    ended = end_role(held, by=ADMINISTRATOR, now=NOW)

    assert ended.ended_at == NOW
    entry = AuditEntry.objects.of_cpts(cpts.pk).get()
    assert (entry.action, entry.changes) == (
        "accounts.role_ended",
        {"ended_at": [None, "2026-11-24T13:05:00+00:00"]},
    )
    assert end_role(held, by=ADMINISTRATOR, now=NOW) == ended
    assert AuditEntry.objects.of_cpts(cpts.pk).count() == 1


def test_the_last_coordinator_stays(cpts):
    held = assign(Role.COORDINATOR, cpts)
    assign(Role.COORDINATOR, CptsFactory())
    assign(Role.COORDINATOR, cpts, ended_at=NOW)

    for by in (held.to_actor(), ADMINISTRATOR):
        with pytest.raises(RefusedError, match="plus personne à sa coordination"):
            end_role(held, by=by, now=NOW)

    held.refresh_from_db()
    assert held.ended_at is None
    assert not AuditEntry.objects.exists()


def test_one_of_two_coordinators_may_leave(cpts):
    held = assign(Role.COORDINATOR, cpts)
    assign(Role.COORDINATOR, cpts)

    assert end_role(held, by=held.to_actor(), now=NOW).ended_at == NOW


def test_the_last_administrator_stays():
    held = assign(Role.ADMINISTRATOR)

    with pytest.raises(RefusedError, match="plus personne à son administration"):
        end_role(held, by=held.to_actor(), now=NOW)


def test_a_treasurer_may_leave_alone(cpts):
    held = assign(Role.TREASURER, cpts)

    assert end_role(held, by=ADMINISTRATOR, now=NOW).ended_at == NOW


@pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD, Role.MEMBER, Role.REVIEWER])
def test_a_role_that_one_may_not_end_does_not_end(cpts, role):
    held = assign(Role.MEMBER, cpts)

    with pytest.raises(RefusedError):
        end_role(held, by=actor(role, cpts.pk), now=NOW)

    held.refresh_from_db()
    assert held.ended_at is None


def test_of_two_last_coordinators_leaving_at_once_one_stays(shared_base):
    cpts = CptsFactory()
    both = [assign(Role.COORDINATOR, cpts) for _ in range(2)]

    answers = at_once([lambda held=held: end_role(held, by=held.to_actor(), now=NOW) for held in both])

    assert sorted((type(answer) for answer in answers), key=str) == [RefusedError, RoleAssignment]
    assert RoleAssignment.objects.active().filter(cpts=cpts, role=Role.COORDINATOR).count() == 1


def test_a_role_given_twice_at_once_is_given_once(shared_base):
    cpts, user = CptsFactory(), UserFactory()

    def give():
        return give_role(user, Role.BOARD, by=ADMINISTRATOR, now=NOW, cpts=cpts)

    first, second = at_once([give, give])

    assert first == second == RoleAssignment.objects.get()
    assert AuditEntry.objects.of_cpts(cpts.pk).count() == 1


def test_a_person_invited_twice_at_once_has_one_account_and_one_role(shared_base, mailoutbox):
    cpts = CptsFactory()
    guest = {"first_name": "Dominique", "last_name": "Exemple", "role": Role.BOARD, "cpts": cpts}

    def invite(address):
        return invite_person(email=address, **guest, by=ADMINISTRATOR, now=NOW)

    calls = [lambda address=address: invite(address) for address in ("d@example.org", "D@example.org")]
    invitations = at_once(calls)

    assert sorted(invitation.is_new for invitation in invitations) == [False, True]
    assert RoleAssignment.objects.get().user.email == "d@example.org"
    assert len(mailoutbox) == 1
    assert list(chain_faults()) == []


# --- Acting --------------------------------------------------------------------------------------


def test_a_person_acts_in_the_role_they_chose_else_in_their_first(cpts):
    first = assign(Role.TREASURER, cpts)
    second = assign(Role.MEMBER, CptsFactory(), user=first.user)

    def current(chosen):
        return held_roles(first.user_id, chosen=chosen).current.assignment_id

    assert [current(None), current(second.pk), current(0)] == [first.pk, second.pk, first.pk]
    assert held_roles(UserFactory().pk, chosen=None).current is None


def test_the_switch_is_one_click_and_stays(cpts):
    first = assign(Role.TREASURER, cpts)
    second = assign(Role.BOARD, CptsFactory(), user=first.user)
    client = client_of(first)

    response = client.post(f"/roles/{second.pk}/prendre/")

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session[ROLE_KEY] == second.pk
    assert client.get(f"/cpts/{cpts.slug}/").status_code == 403
    assert client.get(second.cpts.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        *(
            "https://example.org/",
            "//example.org",
            "/\\example.org",
            "/\t/example.org",
            "javascript:alert(1)",
        ),
        *("", "nulle-part", "home", "?a", "#a", "../", "\r\nX: y"),
    ],
)
def test_the_switch_leads_nowhere_else(cpts, wanted):
    held = assign(Role.TREASURER, cpts)

    response = client_of(held).post(f"/roles/{held.pk}/prendre/", {"suite": wanted})

    assert response["Location"] == "/"


def test_the_switch_opens_the_page_that_asked_for_it(cpts):
    held = assign(Role.TREASURER, cpts)

    response = client_of(held).post(f"/roles/{held.pk}/prendre/", {"suite": "/cpts/littoral/"})

    assert response["Location"] == "/cpts/littoral/"


def test_the_role_of_somebody_else_is_not_found_and_nothing_changes(cpts):
    mine, other = assign(Role.TREASURER, cpts), assign(Role.COORDINATOR, cpts)
    former = assign(Role.BOARD, cpts, user=mine.user, ended_at=NOW)
    client = client_of(mine)

    for held in (other, former):
        assert client.post(f"/roles/{held.pk}/prendre/").status_code == 404
    assert client.session[ROLE_KEY] == mine.pk


def test_the_switch_is_a_protected_post(cpts):
    held = assign(Role.TREASURER, cpts)
    client = Client(enforce_csrf_checks=True)
    client.force_login(held.user)

    assert client.post(f"/roles/{held.pk}/prendre/").status_code == 403
    assert client.get(f"/roles/{held.pk}/prendre/").status_code == 405
    assert Client().post(f"/roles/{held.pk}/prendre/").status_code == 302


def test_a_role_that_ends_no_longer_opens_anything(cpts):
    held = assign(Role.TREASURER, cpts)
    client = client_of(held)
    assert client.get("/cpts/littoral/").status_code == 200

    end_role(held, by=ADMINISTRATOR, now=NOW)

    assert client.get("/cpts/littoral/").status_code == 404
