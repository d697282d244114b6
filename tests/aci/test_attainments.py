"""Recording the rate of a mission for a contract year."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from aci.domain.attainments import record_attainment
from aci.domain.contracts import revise_contract
from aci.errors import ContractError
from aci.models import Attainment, Contract
from aci.signals import contract_changed
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from tests.factories.contracts import EXAMPLE_A, NOW, coordinator_of, recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(cpts) -> Contract:
    return recorded(cpts)


def given(contract: Contract, **changes: Any) -> Attainment:
    values = {
        "mission": "parcours",
        "contract_year": 2,
        "rate": Decimal("0.85"),
        "reason": "Dialogue de gestion",
        "by": coordinator_of(contract.cpts),
        "now": NOW,
    }
    return record_attainment(contract, **(values | changes))


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="aci.attainment_recorded").order_by("pk"))


def test_a_rate_is_stored_with_where_it_comes_from(contract):
    row = given(contract)

    assert (row.mission, row.contract_year, row.rate) == ("parcours", 2, Decimal("0.8500"))
    assert (row.reason, row.recorded_at) == ("Dialogue de gestion", NOW)
    assert [entry.changes for entry in entries()] == [
        {
            "mission": [None, "parcours"],
            "contract_year": [None, 2],
            "rate": [None, "0.8500"],
            "reason": [None, "Dialogue de gestion"],
        }
    ]
    assert entries()[0].chain == f"cpts-{contract.cpts_id}"


def test_those_above_are_told_with_the_new_rate(contract):
    heard: list[dict[str, Any]] = []

    def listen(**kwargs: Any) -> None:
        heard.append(kwargs)

    contract_changed.connect(listen)
    given(contract)
    contract_changed.disconnect(listen)

    assert [call["reason"] for call in heard] == ["Taux d’atteinte enregistré pour l’année 2"]
    assert [row.rate for row in heard[0]["contract"].attainments.all()] == [Decimal("0.85")]


def test_a_changed_rate_keeps_the_former_one_in_the_journal(contract):
    given(contract)
    row = given(contract, rate=Decimal("0.9"), replacing=Decimal("0.85"), now=NOW + timedelta(days=1))

    assert (row.rate, Attainment.objects.count()) == (Decimal("0.9"), 1)
    assert entries()[-1].changes == {"rate": ["0.8500", "0.9000"]}


def test_the_same_rate_sent_twice_is_recorded_once(contract):
    first, second = given(contract), given(contract, now=NOW + timedelta(seconds=1))

    assert first == second
    assert Attainment.objects.get().recorded_at == NOW
    assert len(entries()) == 1


@pytest.mark.parametrize("replacing", [None, Decimal("0.8")])
def test_a_rate_recorded_meanwhile_is_not_written_over(contract, replacing):
    given(contract)
    with pytest.raises(StaleError):
        given(contract, rate=Decimal("0.1"), replacing=replacing)

    assert Attainment.objects.get().rate == Decimal("0.85")
    assert len(entries()) == 1


def test_a_rate_that_was_never_recorded_cannot_be_replaced(contract):
    with pytest.raises(StaleError):
        given(contract, replacing=Decimal("0.8"))
    assert not Attainment.objects.exists()


@pytest.mark.parametrize("rate", ["0", "1", "0.0001", "0.85000"])
def test_rates_from_nothing_to_everything_are_taken(contract, rate):
    assert given(contract, rate=Decimal(rate)).rate == Decimal(rate)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rate": Decimal("1.5")}, "rate"),
        ({"rate": Decimal("-0.1")}, "rate"),
        ({"rate": Decimal("NaN")}, "rate"),
        ({"rate": Decimal("Infinity")}, "rate"),
        ({"rate": Decimal("0.12345")}, "rate"),
        ({"rate": Decimal("1E-999999")}, "rate"),
        ({"mission": "inconnue"}, "mission"),
        ({"mission": "x" * 5_000}, "mission"),
        ({"mission": "parcours\x00"}, "mission"),
        ({"mission": "qualite_pertinence"}, "mission"),
        ({"contract_year": 0}, "contract_year"),
        ({"contract_year": 6}, "contract_year"),
        ({"contract_year": -1}, "contract_year"),
        ({"contract_year": 4}, "contract_year"),
        ({"contract_year": 1}, "contract_year"),
        ({"reason": ""}, "reason"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "a\x00"}, "reason"),
    ],
)
def test_a_wrong_rate_is_refused_beside_its_field(contract, changes, field):
    with pytest.raises(ContractError) as caught:
        given(contract, **changes)

    assert list(caught.value.errors) == [field]
    assert not Attainment.objects.exists()
    assert entries() == []


def test_a_year_may_be_rated_from_its_first_day(cpts):
    contract = recorded(cpts, now=datetime(2023, 3, 15, 9, tzinfo=UTC))
    with pytest.raises(ContractError):
        given(contract, contract_year=2, now=datetime(2024, 3, 14, 12, tzinfo=UTC))
    # Midnight in Paris, not in Greenwich.
    assert given(contract, contract_year=2, now=datetime(2024, 3, 14, 23, 30, tzinfo=UTC)).contract_year == 2


def test_the_last_year_is_rated_after_the_end(contract):
    assert given(contract, contract_year=5, now=NOW.replace(year=2028)).contract_year == 5


def test_a_withdrawn_mission_takes_no_rate(contract):
    missions = {"acces_soins": date(2023, 9, 15)}
    by = coordinator_of(contract.cpts)
    revise_contract(
        contract, replace(EXAMPLE_A, missions=missions), revision=1, reason="Retrait", by=by, now=NOW
    )
    with pytest.raises(ContractError) as caught:
        given(contract)
    assert list(caught.value.errors) == ["mission"]
