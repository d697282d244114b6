"""Actors, roles and verdicts: the words of rights."""

import pytest

from core.access.actors import PLATFORM, Actor, HeldRole, HeldRoles
from core.access.enums import CPTS_ROLES, HELD_ROLES, Role
from core.access.verdict import ALLOWED, RefusedError, allowed_if, refused


def test_a_verdict_is_allowed_or_says_why_not():
    assert allowed_if(True, "Non.") is ALLOWED
    assert ALLOWED
    assert ALLOWED.reason == ""
    assert not refused("Non.")
    assert allowed_if([], "Non.") == refused("Non.")


def test_a_refusal_carries_its_reason():
    ALLOWED.require()
    with pytest.raises(RefusedError, match=r"^Parce que\.$"):
        refused("Parce que.").require()


def test_every_role_but_the_platform_s_can_be_held():
    assert set(Role) - HELD_ROLES == {Role.PLATFORM}
    assert {Role.REVIEWER, Role.ADMINISTRATOR} == HELD_ROLES - CPTS_ROLES


def test_an_actor_is_in_their_own_cpts_only_and_in_their_own_role():
    treasurer = Actor(role=Role.TREASURER, user_id=1, cpts_id=7)

    assert treasurer.is_in(7)
    assert treasurer.is_in(7, Role.COORDINATOR, Role.TREASURER)
    assert not treasurer.is_in(7, Role.COORDINATOR)
    assert not treasurer.is_in(8)


@pytest.mark.parametrize("actor", [PLATFORM, Actor(role=Role.REVIEWER, user_id=1, cpts_id=7)])
def test_who_holds_no_role_of_a_cpts_is_in_none(actor):
    assert not actor.is_in(7)


def test_the_switch_leaves_out_the_role_one_acts_in():
    held = tuple(
        HeldRole(assignment_id=number, actor=Actor(role=role, user_id=1, cpts_id=7), place="CPTS", slug="c")
        for number, role in enumerate([Role.BOARD, Role.MEMBER])
    )
    roles = HeldRoles(current=held[0], held=held)

    assert (roles.actor, roles.others) == (held[0].actor, held[1:])
    assert held[0].label == "Présidence et bureau"
    assert (HeldRoles().actor, HeldRoles().others) == (None, ())
