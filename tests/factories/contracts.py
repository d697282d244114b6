"""Contracts recorded by their coordinator, and territories for them to rest on."""

from datetime import UTC, date, datetime
from typing import Any

from aci.domain.contracts import ContractValues, record_contract
from aci.models import Contract
from core.access.actors import Actor
from core.access.enums import Role
from core.organisations.models import Cpts, TerritoryVersion
from tests.factories.funding import EXAMPLE_A, EXAMPLE_B

__all__ = ["EXAMPLE_A", "EXAMPLE_B", "NOW", "coordinator_of", "make_territory", "recorded"]

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
"""In the third contract year of example A and of example B."""


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
