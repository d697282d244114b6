"""CPTS, institutions, people and their roles, each row with only what the test is about."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import factory
import pytest
from django.test import Client

from core.access.enums import CPTS_ROLES, Role
from core.access.sessions import ROLE_KEY
from core.accounts.models import RoleAssignment, User
from core.organisations.enums import InstitutionKind
from core.organisations.models import Cpts, Institution, InstitutionScope
from core.territories.domain.names import search_form

LONG_AGO = datetime(2023, 1, 2, 9, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person who can sign in, with the password « mot-de-passe-d-essai »."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"personne-{number}@example.org")
    first_name = "Camille"
    last_name = factory.Sequence(lambda number: f"Essai {number}")
    password = factory.django.Password("mot-de-passe-d-essai")


class CptsFactory(factory.django.DjangoModelFactory[Cpts]):
    """A CPTS of the Manche at its first stage."""

    class Meta:
        model = Cpts

    name = factory.Sequence(lambda number: f"CPTS d’essai {number}")
    search_name = factory.LazyAttribute(lambda cpts: search_form(cpts.name))
    slug = factory.Sequence(lambda number: f"essai-{number}")
    departement_code = "50"
    departement_name = "Manche"
    region_code = "28"
    stage_since = date(2023, 1, 2)
    created_at = LONG_AGO


class InstitutionFactory(factory.django.DjangoModelFactory[Institution]):
    """An institution, without any scope yet."""

    class Meta:
        model = Institution

    kind = InstitutionKind.CPAM
    name = factory.Sequence(lambda number: f"CPAM d’essai {number}")


class InstitutionScopeFactory(factory.django.DjangoModelFactory[InstitutionScope]):
    """The Manche, in the scope of an institution."""

    class Meta:
        model = InstitutionScope

    institution = factory.SubFactory(InstitutionFactory)
    departement_code = "50"
    name = "Manche"


class RoleAssignmentFactory(factory.django.DjangoModelFactory[RoleAssignment]):
    """A person who coordinates a CPTS."""

    class Meta:
        model = RoleAssignment

    user = factory.SubFactory(UserFactory)
    role = Role.COORDINATOR
    cpts = factory.SubFactory(CptsFactory)
    started_at = LONG_AGO


@pytest.fixture
def cpts(db: None) -> Cpts:
    """Return the CPTS the test is about."""
    return CptsFactory(name="CPTS du Littoral d’essai", slug="littoral")


@pytest.fixture
def other_cpts(db: None) -> Cpts:
    """Return another CPTS, of another département and région."""
    return CptsFactory(
        name="CPTS de la Colline d’essai",
        slug="colline",
        departement_code="35",
        departement_name="Ille-et-Vilaine",
        region_code="53",
    )


def assign(role: Role, cpts: Cpts | None = None, **values: Any) -> RoleAssignment:
    """Give a new person a role: in `cpts`, in an institution of the Manche, or over the platform."""
    if role == Role.REVIEWER and "institution" not in values:
        values["institution"] = InstitutionScopeFactory().institution
    return RoleAssignmentFactory(role=role, cpts=cpts if role in CPTS_ROLES else None, **values)


def client_of(assignment: RoleAssignment) -> Client:
    """Return a browser signed in as this person, acting in this role."""
    client = Client()
    client.force_login(assignment.user)
    session = client.session
    session[ROLE_KEY] = assignment.pk
    session.save()
    return client


@pytest.fixture
def sign_in(cpts: Cpts) -> Callable[..., Client]:
    """Return a maker of signed-in browsers: `sign_in(Role.TREASURER)`, of `cpts` unless another is given."""

    def make(role: Role, of: Cpts | None = None) -> Client:
        return client_of(assign(role, of or cpts))

    return make


@pytest.fixture
def coordinator(sign_in: Callable[..., Client]) -> Client:
    """Return the browser of the coordinator of `cpts`."""
    return sign_in(Role.COORDINATOR)
