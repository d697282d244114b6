"""Two administrators open the same CPTS, or the same institution, in the same instant."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from core.access.actors import Actor
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.domain.association import open_cpts
from core.organisations.domain.institutions import Place, open_institution
from core.organisations.enums import InstitutionKind
from core.organisations.models import Cpts, Institution
from core.territories.models import Departement, Region, Vintage
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADMINISTRATOR = Actor(role=Role.ADMINISTRATOR, user_id=1)


@pytest.fixture
def manche(shared_base) -> Departement:
    vintage = Vintage.objects.create(year=2026)
    region = Region.objects.create(vintage=vintage, code="28", name="Normandie")
    return Departement.objects.create(vintage=vintage, region=region, code="50", name="Manche")


def test_the_second_cpts_is_refused_with_a_sentence(manche):
    answers = at_once([lambda: open_cpts("CPTS d’essai", manche, by=ADMINISTRATOR, now=NOW)] * 2)

    assert sorted(type(answer).__name__ for answer in answers) == ["Cpts", "ValidationError"]
    refusal = next(answer for answer in answers if isinstance(answer, ValidationError))
    assert "Une autre CPTS porte déjà ce nom" in refusal.messages[0]
    assert Cpts.objects.count() == 1
    assert AuditEntry.objects.filter(action="organisations.cpts_opened").count() == 1


def test_the_second_institution_is_refused_with_a_sentence(manche):
    place = Place("Manche", departement_code="50")
    answers = at_once(
        [lambda: open_institution(InstitutionKind.CPAM, "CPAM d’essai", place, by=ADMINISTRATOR, now=NOW)] * 2
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Institution", "ValidationError"]
    assert Institution.objects.count() == 1
