"""Contracts recorded by the real verbs, their statements and receipts; worked examples as real contracts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction

from aci.domain.contracts import ContractValues, record_contract, revise_contract, values_of
from aci.models import Contract
from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.organisations.models import Cpts
from funding.domain.receipts import record_receipt
from funding.domain.statements import establish_statement, lock_contract
from funding.enums import Occasion
from funding.models import Receipt, Statement
from tests.factories.people import assign

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
TODAY = date(2026, 3, 20)
EXAMPLE_A = ContractValues(
    signed_on=date(2023, 3, 15),
    ars_party="ARS d’essai",
    cpam_party="CPAM d’essai",
    representative_name="Camille Essai",
    representative_capacity="présidente",
    population=60_200,
    population_source="INSEE, populations municipales 2023",
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
"""The worked example A of the domain reference, section 5."""
_SIGNED_B = date(2022, 7, 1)
EXAMPLE_B = ContractValues(
    signed_on=_SIGNED_B,
    ars_party="ARS d’essai",
    cpam_party="CPAM d’essai",
    representative_name="Camille Essai",
    representative_capacity="présidente",
    population=120_000,
    population_source="INSEE, populations municipales 2022",
    computed_size=3,
    size=3,
    missions=dict.fromkeys(("acces_soins", "crise_sanitaire", "parcours", "prevention"), _SIGNED_B),
)
"""The worked example B."""


def sign(cpts: Cpts, values: ContractValues = EXAMPLE_A, *, now: datetime = NOW) -> Contract:
    """Record a contract and its first statement, that of its signature."""
    contract = record_contract(cpts, values, by=PLATFORM, now=now)
    if not Statement.objects.filter(contract=contract).exists():
        establish(contract, Occasion.SIGNATURE, as_of=values.signed_on, now=now)
    return contract


def change(
    contract: Contract, *, now: datetime = NOW, reason: str = "Nouveaux taux", **changes: Any
) -> Statement:
    """Revise a contract and return the statement that follows."""
    contract = Contract.objects.with_terms().get(pk=contract.pk)
    values = values_of(contract)
    values = ContractValues(**{name: getattr(values, name) for name in values.__dataclass_fields__} | changes)
    revise_contract(contract, values, revision=contract.revision, reason=reason, by=PLATFORM, now=now)
    contract.refresh_from_db()
    return establish(contract, Occasion.CHANGE, as_of=now.date(), now=now, reason=reason)


@transaction.atomic
def establish(
    contract: Contract, occasion: Occasion, *, as_of: date, now: datetime = NOW, reason: str = ""
) -> Statement:
    """Establish a statement as the platform, without its PDF nor any message."""
    locked = lock_contract(contract)
    return establish_statement(locked, occasion, as_of=as_of, by=PLATFORM, now=now, reason=reason)


def treasurer_of(cpts: Cpts) -> Actor:
    """Return a new treasurer, who writes receipts down."""
    return Actor(role=Role.TREASURER, user_id=assign(Role.TREASURER, cpts).user_id, cpts_id=cpts.pk)


def receive(
    contract: Contract,
    *due_on: date,
    received_on: date | None = None,
    reference: str = "VIR CPAM",
    now: datetime = NOW,
) -> Receipt:
    """Record the money of all the lines due on these days."""
    statement = Statement.objects.latest_of(contract.pk)
    lines = statement.lines.filter(due_on__in=due_on)
    return record_receipt(
        contract,
        [line.pk for line in lines],
        received_on or due_on[-1],
        reference,
        by=treasurer_of(contract.cpts),
        now=now,
    )


@pytest.fixture
def march_2026() -> Iterator[None]:
    """Stop the clock five days after the third anniversary of the worked example A."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contract_a(march_2026: None, cpts: Cpts) -> Contract:
    """Return the worked example A as a contract of `cpts`, its first statement established."""
    return sign(cpts)
