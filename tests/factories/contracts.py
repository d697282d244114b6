"""What contracts say, for tests: the worked examples of the domain reference, free to vary."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from aci.domain.contracts import ContractValues, record_contract
from aci.models import Contract
from core.access.actors import Actor
from core.access.enums import Role
from core.organisations.models import Cpts, TerritoryVersion

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
"""In the third contract year of example A and of example B."""

EXAMPLE_A = ContractValues(
    signed_on=date(2023, 3, 15),
    ars_party="ARS d’essai",
    cpam_party="CPAM d’essai",
    representative_name="Dominique Essai",
    representative_capacity="présidence",
    population=60_200,
    population_source="Figure of a test",
    computed_size=2,
    size=2,
    missions={
        "acces_soins": date(2023, 9, 15),
        "crise_sanitaire": date(2023, 9, 15),
        "parcours": date(2024, 3, 15),
        "prevention": date(2024, 3, 15),
    },
    expected_attainment=Decimal("0.8"),
)
EXAMPLE_B = ContractValues(
    signed_on=date(2022, 7, 1),
    ars_party="ARS d’essai",
    cpam_party="CPAM d’essai",
    representative_name="Dominique Essai",
    representative_capacity="présidence",
    population=100_000,
    population_source="Figure of a test",
    computed_size=3,
    size=3,
    missions=dict.fromkeys(("acces_soins", "parcours", "prevention", "crise_sanitaire"), date(2022, 7, 1)),
)


def coordinator_of(cpts: Cpts) -> Actor:
    """Return who coordinates a CPTS, without a row."""
    return Actor(role=Role.COORDINATOR, user_id=1, cpts_id=cpts.pk)


def recorded(cpts: Cpts, values: ContractValues = EXAMPLE_A, *, now: datetime = NOW) -> Contract:
    """Record a contract, example A unless another is given."""
    return record_contract(cpts, values, by=coordinator_of(cpts), now=now)


def make_territory(cpts: Cpts, **values: Any) -> TerritoryVersion:
    """Write a territory of 44 464 inhabitants from 2022 on."""
    fields = {
        "starts_on": date(2022, 1, 1),
        "vintage_year": 2026,
        "population": 44_464,
        "population_source": "Populations municipales d’essai",
        "commune_count": 32,
        "recorded_at": NOW,
    }
    return TerritoryVersion.objects.create(cpts=cpts, **(fields | values))
