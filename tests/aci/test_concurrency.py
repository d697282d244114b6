"""Two people, or two clicks, at the very same time."""

from dataclasses import replace
from decimal import Decimal

import pytest

from aci.domain.attainments import record_attainments
from aci.domain.contracts import revise_contract
from aci.models import Attainment, Contract
from core.audit.models import AuditEntry
from core.organisations.models import Cpts
from tests.factories.contracts import EXAMPLE_A, NOW, coordinator_of, recorded
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once


@pytest.fixture
def cpts(shared_base: None) -> Cpts:
    """Return a CPTS that every thread sees."""
    return CptsFactory()


def entries() -> list[str]:
    actions = AuditEntry.objects.filter(action__startswith="aci.").order_by("pk")
    return list(actions.values_list("action", flat=True))


def test_two_clicks_at_once_record_one_contract(cpts):
    first, second = at_once([lambda: recorded(cpts)] * 2)

    assert first == second == Contract.objects.get()
    assert entries() == ["aci.contract_recorded"]


def test_of_two_contracts_that_overlap_one_is_refused(cpts):
    other = replace(EXAMPLE_A, signed_on=EXAMPLE_A.signed_on.replace(month=2))
    results = at_once([lambda: recorded(cpts), lambda: recorded(cpts, other)])

    assert sorted(type(result).__name__ for result in results) == ["Contract", "ContractError"]
    assert Contract.objects.count() == 1


def test_of_two_revisions_of_what_was_shown_one_is_stale(cpts):
    contract = recorded(cpts)
    by = coordinator_of(cpts)

    def revise(reference: str) -> Contract:
        values = replace(EXAMPLE_A, reference=reference)
        return revise_contract(contract, values, revision=1, reason="Essai", by=by, now=NOW)

    results = at_once([lambda: revise("R1"), lambda: revise("R2")])

    assert sorted(type(result).__name__ for result in results) == ["Contract", "StaleError"]
    assert Contract.objects.get().revision == 2
    assert entries() == ["aci.contract_recorded", "aci.contract_revised"]


def test_two_clicks_at_once_record_the_rates_of_a_year_once(cpts):
    contract = recorded(cpts)
    results = at_once([lambda: rate(contract, "0.8", acces_soins="1")] * 2)

    assert sorted(len(rows) for rows in results) == [0, 2]
    assert entries() == ["aci.contract_recorded", *["aci.attainment_recorded"] * 2]


def test_of_two_rates_of_a_mission_one_is_stale(cpts):
    contract = recorded(cpts)
    results = at_once([lambda: rate(contract, "0.8"), lambda: rate(contract, "0.7", acces_soins="1")])

    assert sorted(type(result).__name__ for result in results) == ["StaleError", "list"]
    assert entries().count("aci.attainment_recorded") == Attainment.objects.count()
    assert Attainment.objects.filter(mission="parcours").count() == 1


def rate(contract: Contract, parcours: str, **others: str) -> list[Attainment]:
    """Record rates of year 2 over none."""
    rates = {mission: Decimal(given) for mission, given in {"parcours": parcours, **others}.items()}
    by = coordinator_of(contract.cpts)
    return record_attainments(contract, 2, rates, "Dialogue", by=by, now=NOW, replacing={})
