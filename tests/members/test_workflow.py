"""The moves of a membership: every pair of states, allowed or refused, and who may make each."""

from datetime import date
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.access.verdict import RefusedError, StaleError
from members.domain.workflow import TRANSITIONS, MovedError, lock_membership, lock_memberships, move
from members.enums import Body, MembershipState
from members.models import Membership
from tests.factories.members import MemberFactory, MembershipFactory
from tests.factories.people import CptsFactory

pytestmark = pytest.mark.django_db
DAY = date(2024, 3, 1)
COORDINATOR, BOARD, TREASURER, MEMBER = Role.COORDINATOR, Role.BOARD, Role.TREASURER, Role.MEMBER
# Written again, by hand: the table of the product is compared with it.
ALLOWED = {
    ("applied", "admitted"): {COORDINATOR, BOARD},
    ("applied", "refused"): {COORDINATOR, BOARD},
    ("applied", "withdrawn"): {COORDINATOR},
    ("admitted", "ended"): {COORDINATOR, BOARD},
}
DECIDED = {"decided_on": DAY, "decided_by": Body.BOARD}
HELD = {**DECIDED, "starts_on": DAY}
ENDED = {"ends_on": DAY, "end_ground": "resignation"}
ROWS = {
    "applied": {"decided_on": None, "decided_by": "", "starts_on": None},
    "withdrawn": {"decided_on": None, "decided_by": "", "starts_on": None},
    "refused": {**DECIDED, "starts_on": None, "decision_note": "Hors du territoire"},
    "admitted": HELD,
    "ended": HELD | ENDED,
}
VALUES = {
    "applied": {},
    "withdrawn": {"end_note": "Départ"},
    "refused": {**DECIDED, "decision_note": "Hors du territoire"},
    "admitted": HELD,
    "ended": ENDED,
}


def membership_in(state: str) -> Membership:
    return MembershipFactory(state=state, applied_on=date(2024, 2, 1), **ROWS[state])


def acting(role: Role, membership: Membership) -> Actor:
    return Actor(role=role, user_id=1, cpts_id=membership.member.cpts_id)


def test_the_table_is_over_every_state():
    assert set(TRANSITIONS) == set(MembershipState)
    pairs = {(source, target) for source, moves in TRANSITIONS.items() for target in moves}
    assert pairs == set(ALLOWED)


@pytest.mark.parametrize(("source", "target"), list(product(MembershipState, MembershipState)))
def test_each_pair_is_allowed_or_refused(source, target):
    membership = membership_in(source)
    by = acting(COORDINATOR, membership)
    before = Membership.objects.filter(pk=membership.pk).values().get()

    if (source, target) in ALLOWED:
        move(membership, target, by=by, **VALUES[target])
        expected = before | VALUES[target] | {"state": target}
    else:
        with pytest.raises(MovedError, match="Rien n’a été enregistré"):
            move(membership, target, by=by, **VALUES[target])
        expected = before

    assert Membership.objects.filter(pk=membership.pk).values().get() == expected


@pytest.mark.parametrize(("pair", "role"), list(product(ALLOWED, Role)))
def test_each_move_asks_who_makes_it(pair, role):
    source, target = pair
    membership = membership_in(source)
    by = PLATFORM if role == Role.PLATFORM else acting(role, membership)

    if role in ALLOWED[pair]:
        assert move(membership, MembershipState(target), by=by, **VALUES[target]).state == target
    else:
        with pytest.raises(RefusedError):
            move(membership, MembershipState(target), by=by, **VALUES[target])
        assert Membership.objects.get().state == source


@pytest.mark.parametrize("pair", ALLOWED)
def test_the_coordinator_of_another_cpts_moves_nothing(pair):
    source, target = pair
    membership = membership_in(source)
    by = Actor(role=COORDINATOR, user_id=1, cpts_id=membership.member.cpts_id + 1)

    with pytest.raises(RefusedError):
        move(membership, MembershipState(target), by=by, **VALUES[target])


@pytest.mark.parametrize(("source", "target", "field"), [
    ("applied", "refused", "decision_note"),
    ("admitted", "ended", "end_ground"),
])  # fmt: skip
def test_some_moves_say_why(source, target, field):
    membership = membership_in(source)
    values = VALUES[target] | {field: ""}

    with pytest.raises(ValidationError) as refused:
        move(membership, MembershipState(target), by=acting(COORDINATOR, membership), **values)

    assert list(refused.value.message_dict) == [field]
    assert Membership.objects.get().state == source


def test_a_refusal_to_move_is_a_stale_screen():
    assert issubclass(MovedError, StaleError)


def test_the_lock_finds_those_of_the_cpts_alone():
    ours, theirs = membership_in("applied"), membership_in("applied")

    with transaction.atomic():
        assert lock_membership(ours) == ours
        assert lock_memberships(ours.member.cpts, [ours.pk, ours.pk]) == [ours]
        with pytest.raises(Membership.DoesNotExist):
            lock_memberships(ours.member.cpts, [ours.pk, theirs.pk])


def test_they_come_by_the_oldest_application():
    cpts = CptsFactory()
    rows = [
        MembershipFactory(
            member=MemberFactory(cpts=cpts), state="applied", applied_on=date(2024, 2, day), **ROWS["applied"]
        )
        for day in (9, 3, 6)
    ]

    with transaction.atomic():
        found = lock_memberships(cpts, [each.pk for each in rows])

    assert [each.applied_on.day for each in found] == [3, 6, 9]
