"""Which CPTS a reviewer may know about: by their seat, or by a commune they hold today or will hold."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from core.access.enums import Role
from core.organisations.models import Cpts, InstitutionScope
from tests.factories.decisions import decide
from tests.factories.people import InstitutionFactory, assign

pytestmark = pytest.mark.django_db
FOUGERES, GRANVILLE = "200072452", "200042604"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def seen(**place: str) -> set[str]:
    institution = InstitutionFactory()
    InstitutionScope.objects.create(institution=institution, name="Essai", **place)
    actor = assign(Role.REVIEWER, institution=institution).to_actor()
    return set(Cpts.objects.visible_to(actor).values_list("slug", flat=True))


def test_by_the_seat(cpts, other_cpts):
    assert seen(departement_code="50") == {cpts.slug}
    assert seen(region_code="53") == {other_cpts.slug}


def test_by_a_commune_held_today(granville, cpts, other_cpts):
    decide(cpts, epci=[GRANVILLE, FOUGERES])

    assert seen(departement_code="35") == {cpts.slug, other_cpts.slug}


def test_by_a_commune_that_leaves_or_comes_later(granville, cpts):
    decide(cpts, epci=[FOUGERES])
    decide(cpts, epci=[GRANVILLE], starts_on=date(2026, 9, 1))

    assert seen(departement_code="35") == {cpts.slug}
    assert seen(departement_code="50") == {cpts.slug}


def test_not_by_a_commune_that_was_left(granville, cpts):
    decide(cpts, epci=[FOUGERES])
    decide(cpts, epci=[GRANVILLE], starts_on=date(2026, 3, 2))

    assert seen(departement_code="35") == set()
