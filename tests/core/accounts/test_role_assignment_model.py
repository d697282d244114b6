"""What the database refuses of a role."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.access.enums import Role
from core.accounts.models import RoleAssignment
from tests.factories.people import (
    LONG_AGO,
    CptsFactory,
    InstitutionFactory,
    RoleAssignmentFactory,
    UserFactory,
    assign,
)

pytestmark = pytest.mark.django_db


def refuses(constraint, **values):
    """Expect that a row of these values breaks `constraint`, alone or among others."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        RoleAssignmentFactory(**values)
    return constraint in str(caught.value)


def test_a_role_of_a_cpts_needs_one(cpts):
    assert refuses("accounts_roleassignment_held_where_it_can_be", role=Role.TREASURER, cpts=None)


def test_a_reviewer_needs_an_institution_and_no_cpts(cpts):
    name = "accounts_roleassignment_held_where_it_can_be"

    assert refuses(name, role=Role.REVIEWER, cpts=None)
    assert refuses(name, role=Role.REVIEWER, cpts=cpts, institution=InstitutionFactory())


def test_an_administrator_belongs_nowhere(cpts):
    assert refuses("accounts_roleassignment_held_where_it_can_be", role=Role.ADMINISTRATOR, cpts=cpts)


def test_nobody_holds_the_role_of_the_platform():
    # Both constraints forbid it: which one the database names first is its own business.
    with pytest.raises(IntegrityError, match="accounts_roleassignment_"), transaction.atomic():
        RoleAssignmentFactory(role=Role.PLATFORM, cpts=None)
    constraint = next(
        each
        for each in RoleAssignment._meta.constraints
        if each.name == "accounts_roleassignment_role_can_be_held"
    )
    assert "platform" not in str(constraint.condition)


def test_a_role_does_not_end_before_it_began(cpts):
    early = LONG_AGO - timedelta(seconds=1)

    assert refuses("accounts_roleassignment_dates_in_order", cpts=cpts, ended_at=early)


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (Role.TREASURER, "accounts_roleassignment_once_per_cpts"),
        (Role.REVIEWER, "accounts_roleassignment_once_per_institution"),
        (Role.ADMINISTRATOR, "accounts_roleassignment_once_for_the_platform"),
    ],
)
def test_a_role_is_held_once_at_a_time(cpts, role, name):
    held = assign(role, cpts)
    again = {"user": held.user, "role": role, "cpts": held.cpts, "institution": held.institution}

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(**again, started_at=LONG_AGO)
    assert name in {each.name for each in RoleAssignment._meta.constraints}
    held.ended_at = LONG_AGO
    held.save()
    assert RoleAssignment.objects.create(**again, started_at=LONG_AGO).pk != held.pk


def test_a_role_says_what_and_where(cpts):
    assert str(assign(Role.TREASURER, cpts)) == "Trésorerie – CPTS du Littoral d’essai"
    assert str(assign(Role.ADMINISTRATOR)) == "Administration de la plateforme"


def test_a_reviewer_acts_with_the_scope_of_their_institution():
    actor = assign(Role.REVIEWER).to_actor()

    assert (actor.role, actor.departements, actor.regions) == (Role.REVIEWER, {"50"}, frozenset())


def test_a_person_is_named_as_invited_until_they_come(cpts):
    held = assign(Role.MEMBER, cpts, invited_as="Ma Voisine", user=UserFactory(last_name="Secret"))

    assert (held.is_taken, held.shown_name) == (False, "Ma Voisine")
    held.user.last_login = LONG_AGO - timedelta(days=1)
    assert (held.is_taken, held.shown_name) == (False, "Ma Voisine")
    held.user.last_login = LONG_AGO
    assert (held.is_taken, held.shown_name) == (True, "Camille Secret")


def test_a_search_does_not_find_the_name_that_it_hides(cpts):
    held = assign(Role.MEMBER, cpts, invited_as="Ma Voisine", user=UserFactory(last_name="Secret"))
    found = RoleAssignment.objects.of_cpts(cpts.pk).matching

    assert list(found("voisine")) == [held]
    assert list(found(held.user.email)) == [held]
    assert not found("secret").exists()
    held.user.last_login = LONG_AGO
    held.user.save()
    assert list(found("camille secret")) == [held]


def test_former_roles_are_not_held(cpts):
    held = assign(Role.BOARD, cpts)
    assign(Role.BOARD, CptsFactory(), user=held.user, ended_at=LONG_AGO)

    assert list(RoleAssignment.objects.of_user(held.user_id)) == [held]
