"""The document of a CPTS is given to those whom its kind lets read it, and exists for nobody else."""

import pytest
import time_machine

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import allowed_if
from core.documents import registry
from core.documents.registry import can_read, register_reading
from core.organisations.models import Cpts
from tests.core.documents.conftest import NOW, PDF
from tests.factories.people import assign, client_of

pytestmark = pytest.mark.django_db


def for_treasurers(actor, cpts):
    """The rule of the kind of these tests."""
    return allowed_if(actor.role == Role.REVIEWER or actor.is_in(cpts.pk, Role.TREASURER), "Non.")


@pytest.fixture(autouse=True)
def rule(monkeypatch):
    monkeypatch.setattr(registry, "_rules", {})
    register_reading("tests.pdf", for_treasurers)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def address(store, cpts):
    return store(cpts=cpts).get_absolute_url()


@pytest.mark.parametrize("role", [Role.TREASURER, Role.REVIEWER])
def test_who_may_read_it_gets_the_file(sign_in, address, role):
    response = sign_in(role).get(address)

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == PDF


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MEMBER, Role.BOARD, Role.ADMINISTRATOR])
def test_for_who_may_not_it_does_not_exist(sign_in, address, role):
    assert sign_in(role).get(address).status_code == 404


def test_it_does_not_exist_for_the_treasurer_of_another_cpts(sign_in, address, other_cpts):
    assert sign_in(Role.TREASURER, other_cpts).get(address).status_code == 404


def test_it_does_not_exist_out_of_the_scope_of_a_reviewer(sign_in, store, other_cpts):
    assert sign_in(Role.REVIEWER).get(store(cpts=other_cpts).get_absolute_url()).status_code == 404


def test_it_does_not_exist_for_who_holds_no_role(address, cpts):
    assignment = assign(Role.TREASURER, cpts)
    browser = client_of(assignment)
    assignment.ended_at = NOW
    assignment.save()

    assert browser.get(address).status_code == 404


def test_anonymous_visitors_sign_in_first(client, address):
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/compte/connexion/?next={address}")


def test_an_expired_one_does_not_exist_either_for_who_may_not_read_it(sign_in, store, cpts):
    with time_machine.travel(NOW.replace(year=2030), tick=False):
        address = store(cpts=cpts).get_absolute_url()
        assert sign_in(Role.MEMBER).get(address).status_code == 404
        assert sign_in(Role.TREASURER).get(address).status_code == 410


def test_a_kind_that_nobody_declared_is_given_to_nobody(sign_in, store, cpts):
    address = store(cpts=cpts, kind="tests.forgotten").get_absolute_url()

    assert sign_in(Role.TREASURER).get(address).status_code == 404


def test_without_a_cpts_it_is_given_to_whoever_knows_its_address(client, store):
    response = client.get(store(kind="tests.forgotten").get_absolute_url())

    assert b"".join(response.streaming_content) == PDF


def test_a_kind_has_one_rule():
    register_reading("tests.pdf", for_treasurers)

    with pytest.raises(ValueError, match="of kind 'tests"):
        register_reading("tests.pdf", lambda _actor, _cpts: allowed_if(True, ""))


def test_the_rule_is_asked_about_the_right_cpts():
    mine, other = Cpts(pk=1), Cpts(pk=2)
    actor = Actor(role=Role.TREASURER, user_id=1, cpts_id=mine.pk)

    assert can_read("tests.pdf", actor, mine)
    assert not can_read("tests.pdf", actor, other)
