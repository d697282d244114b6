"""What the database refuses about territories."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from core.organisations.models import TerritoryCommune, TerritoryVersion
from tests.factories.decisions import NOW

pytestmark = pytest.mark.django_db


def version(cpts, **values):
    defaults = {
        "cpts": cpts,
        "starts_on": date(2026, 1, 1),
        "vintage_year": 2026,
        "population": 100,
        "population_source": "Source d’essai",
        "commune_count": 1,
        "recorded_at": NOW,
    }
    return TerritoryVersion.objects.create(**(defaults | values))


def commune(territory, code="50218"):
    return TerritoryCommune.objects.create(
        territory=territory,
        code=code,
        city_code=code,
        name="Granville",
        departement_code="50",
        departement_name="Manche",
        region_code="28",
    )


def refused(name):
    """Expect the database to name this constraint, or its columns where SQLite names these."""
    return pytest.raises(IntegrityError, match=name)


def test_a_cpts_has_one_territory_without_an_end(cpts, other_cpts):
    version(cpts)
    version(other_cpts)

    expected = r"organisations_territoryversion_one_open|organisations_territoryversion\.cpts_id"
    with refused(expected), transaction.atomic():
        version(cpts, starts_on=date(2026, 2, 1))


def test_a_territory_ends_after_it_began(cpts):
    with refused("organisations_territoryversion_dates_in_order"), transaction.atomic():
        version(cpts, ends_on=date(2025, 12, 31))


def test_a_territory_replaced_on_its_first_day_is_possible(cpts):
    version(cpts, ends_on=date(2026, 1, 1))

    assert TerritoryVersion.objects.in_force(date(2026, 1, 1)).count() == 0


def test_a_territory_has_communes(cpts):
    with refused("organisations_territoryversion_has_communes"), transaction.atomic():
        version(cpts, commune_count=0)


def test_a_commune_is_in_a_territory_once(cpts):
    territory = version(cpts)
    commune(territory)

    columns = r"organisations_territorycommune\.territory_id, organisations_territorycommune\.code"
    with refused(f"organisations_territorycommune_once|{columns}"), transaction.atomic():
        commune(territory)


def test_a_decided_commune_is_never_rewritten_nor_removed(cpts):
    commune(version(cpts))

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        TerritoryCommune.objects.update(name="Ailleurs")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        TerritoryCommune.objects.all().delete()

    assert TerritoryCommune.objects.get().name == "Granville"


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (date(2025, 12, 31), []),
        (date(2026, 1, 1), [1]),
        (date(2026, 1, 31), [1]),
        (date(2026, 2, 1), [2]),
        (date(2030, 1, 1), [2]),
    ],
)
def test_at_most_one_territory_holds_on_a_day(cpts, day, held):
    version(cpts, ends_on=date(2026, 2, 1), population=1)
    version(cpts, starts_on=date(2026, 2, 1), population=2)

    assert [row.population for row in TerritoryVersion.objects.in_force(day)] == held
