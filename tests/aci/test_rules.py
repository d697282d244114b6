"""Who may do what with a contract, and the reason given to the others."""

from types import SimpleNamespace

import pytest

from aci.rules import can_record_attainment, can_record_contract, can_see_contract
from core.access.actors import Actor
from core.access.enums import HELD_ROLES, Role

CPTS = SimpleNamespace(pk=7)
_SEEING = {Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.REVIEWER}


def actor(role, cpts_id=7):
    return Actor(role=role, user_id=1, cpts_id=cpts_id)


@pytest.mark.parametrize("role", sorted(HELD_ROLES))
def test_those_who_run_the_cpts_and_those_who_review_it_see_its_contract(role):
    verdict = can_see_contract(actor(role), CPTS)
    assert bool(verdict) is (role in _SEEING)
    assert bool(verdict.reason) is not verdict.allowed


@pytest.mark.parametrize("role", sorted(HELD_ROLES))
@pytest.mark.parametrize("rule", [can_record_contract, can_record_attainment])
def test_the_coordinator_alone_records(rule, role):
    verdict = rule(actor(role), CPTS)
    assert bool(verdict) is (role == Role.COORDINATOR)
    assert bool(verdict.reason) is not verdict.allowed


@pytest.mark.parametrize("rule", [can_see_contract, can_record_contract, can_record_attainment])
def test_the_coordinator_of_another_cpts_may_nothing(rule):
    assert not rule(actor(Role.COORDINATOR, cpts_id=8), CPTS)
