"""Recording the rates of a contract year."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from aci.domain.attainments import rated_missions, record_attainments
from aci.domain.contracts import revise_contract
from aci.errors import ContractError
from aci.models import Attainment, Contract
from aci.signals import contract_changed
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from tests.factories.contracts import EXAMPLE_A, NOW, coordinator_of, recorded

pytestmark = pytest.mark.django_db
_LATER = NOW + timedelta(days=1)
_ALL = {"acces_soins": "1", "crise_sanitaire": "0.5", "parcours": "0.85", "prevention": "0"}


@pytest.fixture
def contract(cpts) -> Contract:
    return recorded(cpts)


@pytest.fixture
def heard():
    """Return what those above are told from now on."""
    calls: list[dict[str, Any]] = []

    def listen(**kwargs: Any) -> None:
        calls.append(kwargs)

    contract_changed.connect(listen)
    yield calls
    contract_changed.disconnect(listen)


def given(
    contract: Contract,
    rates: dict[str, str] | None = None,
    *,
    replacing: dict[str, str] | None = None,
    **changes: Any,
) -> list[Attainment]:
    """Record the rate of parcours in year 2, unless told otherwise."""
    values = {
        "contract_year": 2,
        "reason": "Dialogue de gestion",
        "by": coordinator_of(contract.cpts),
        "now": NOW,
        "rates": _decimals({"parcours": "0.85"} if rates is None else rates),
        "replacing": _decimals(replacing or {}),
    }
    return record_attainments(contract, **(values | changes))


def _decimals(rates: dict[str, str]) -> dict[str, Decimal]:
    return {mission: Decimal(rate) for mission, rate in rates.items()}


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="aci.attainment_recorded").order_by("pk"))


def stored() -> dict[str, tuple[str, str]]:
    return {row.mission: (str(row.rate), row.reason) for row in Attainment.objects.all()}


def test_the_rates_of_a_year_are_stored_with_where_they_come_from(contract):
    rows = given(contract, _ALL)

    assert rows == list(Attainment.objects.order_by("pk"))
    assert [(row.mission, row.contract_year, row.rate, row.reason, row.recorded_at) for row in rows] == [
        (mission, 2, Decimal(rate), "Dialogue de gestion", NOW) for mission, rate in _ALL.items()
    ]


def test_each_rate_has_its_entry_in_the_journal(contract):
    given(contract, {"acces_soins": "1", "parcours": "0.85"})

    assert [entry.changes for entry in entries()] == [
        {
            "mission": [None, mission],
            "contract_year": [None, 2],
            "rate": [None, rate],
            "reason": [None, "Dialogue de gestion"],
        }
        for mission, rate in (("acces_soins", "1.0000"), ("parcours", "0.8500"))
    ]
    assert {entry.chain for entry in entries()} == {f"cpts-{contract.cpts_id}"}


def test_those_above_are_told_once_with_all_the_rates(contract, heard):
    given(contract, _ALL)

    assert [call["reason"] for call in heard] == ["Taux d’atteinte de l’année 2 enregistrés"]
    told = {row.mission: row.rate for row in heard[0]["contract"].attainments.all()}
    assert told == _decimals(_ALL)


def test_a_changed_rate_keeps_the_former_one_in_the_journal(contract):
    given(contract)
    (row,) = given(contract, {"parcours": "0.9"}, replacing={"parcours": "0.85"}, now=_LATER)

    assert (row.rate, row.recorded_at, Attainment.objects.count()) == (Decimal("0.9"), _LATER, 1)
    assert entries()[-1].changes == {"rate": ["0.8500", "0.9000"]}


def test_a_rate_that_does_not_change_keeps_where_it_comes_from(contract, heard):
    given(contract, _ALL)
    rows = given(contract, _ALL | {"prevention": "0.4"}, replacing=_ALL, reason="Recours", now=_LATER)

    assert [row.mission for row in rows] == ["prevention"]
    assert stored() == {
        "acces_soins": ("1.0000", "Dialogue de gestion"),
        "crise_sanitaire": ("0.5000", "Dialogue de gestion"),
        "parcours": ("0.8500", "Dialogue de gestion"),
        "prevention": ("0.4000", "Recours"),
    }
    assert (len(entries()), len(heard)) == (5, 2)


def test_where_the_rates_come_from_may_be_corrected_alone(contract):
    given(contract, _ALL)
    rows = given(contract, _ALL, replacing=_ALL, reason="Dialogue du 12 mai", now=_LATER)

    assert [row.mission for row in rows] == list(_ALL)
    assert {reason for _, reason in stored().values()} == {"Dialogue du 12 mai"}
    assert entries()[-1].changes == {"reason": ["Dialogue de gestion", "Dialogue du 12 mai"]}


def test_a_rate_that_is_missing_may_be_added_later(contract):
    given(contract, {"acces_soins": "1"})
    shown = {"acces_soins": "1"}
    rows = given(contract, {"acces_soins": "1", "parcours": "0.7"}, replacing=shown, reason="Avis du 3 juin")

    assert [row.mission for row in rows] == ["parcours"]
    assert stored() == {
        "acces_soins": ("1.0000", "Dialogue de gestion"),
        "parcours": ("0.7000", "Avis du 3 juin"),
    }


@pytest.mark.parametrize("shown", [{}, {"acces_soins": "0.3"}])
def test_the_same_rates_sent_twice_are_recorded_once(contract, heard, shown):
    given(contract, shown, reason="Avant")
    before = len(entries()), len(heard)
    first = given(contract, _ALL | shown, replacing=shown)
    second = given(contract, _ALL | shown, replacing=shown, now=_LATER)

    assert (len(first), second) == (4 - len(shown), [])
    assert {row.recorded_at for row in Attainment.objects.all()} == {NOW}
    assert (len(entries()), len(heard)) == (before[0] + len(first), before[1] + 1)


def test_no_rate_writes_nothing(contract, heard):
    assert given(contract, {}) == []
    assert (stored(), entries(), heard) == ({}, [], [])


@pytest.mark.parametrize(
    ("rates", "replacing"),
    [
        ({"parcours": "0.1"}, {}),
        ({"parcours": "0.1"}, {"parcours": "0.8"}),
        # What was left as it was shown is not what is recorded any more.
        ({"parcours": "0.8", "acces_soins": "1"}, {"parcours": "0.8"}),
        ({"acces_soins": "1", "parcours": "0.1"}, {"parcours": "0.8"}),
    ],
)
def test_a_rate_recorded_meanwhile_is_not_written_over(contract, heard, rates, replacing):
    given(contract)
    with pytest.raises(StaleError):
        given(contract, rates, replacing=replacing)

    assert stored() == {"parcours": ("0.8500", "Dialogue de gestion")}
    assert (len(entries()), len(heard)) == (1, 1)


def test_the_same_rate_recorded_meanwhile_for_another_reason_is_not_written_over(contract):
    given(contract)
    with pytest.raises(StaleError):
        given(contract, reason="Autre dialogue")


def test_a_rate_that_was_never_recorded_cannot_be_replaced(contract):
    with pytest.raises(StaleError):
        given(contract, replacing={"parcours": "0.8"})
    assert not Attainment.objects.exists()


@pytest.mark.parametrize("rate", ["0", "1", "0.0001", "0.85000"])
def test_rates_from_nothing_to_everything_are_taken(contract, rate):
    (row,) = given(contract, {"parcours": rate})
    assert row.rate == Decimal(rate)


_LONG = "x" * 5_000


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"rates": {"parcours": "1.5"}}, ["rates.parcours"]),
        ({"rates": {"parcours": "-0.1"}}, ["rates.parcours"]),
        ({"rates": {"parcours": "NaN"}}, ["rates.parcours"]),
        ({"rates": {"parcours": "Infinity"}}, ["rates.parcours"]),
        ({"rates": {"parcours": "0.12345"}}, ["rates.parcours"]),
        ({"rates": {"parcours": "1E-999999"}}, ["rates.parcours"]),
        ({"rates": {"inconnue": "1"}}, ["rates.inconnue"]),
        ({"rates": {_LONG: "1"}}, [f"rates.{_LONG}"]),
        ({"rates": {"parcours\x00": "1"}}, ["rates.parcours\x00"]),
        ({"rates": {"qualite_pertinence": "1"}}, ["rates.qualite_pertinence"]),
        ({"contract_year": 0}, ["contract_year"]),
        ({"contract_year": 6}, ["contract_year"]),
        ({"contract_year": -1}, ["contract_year"]),
        ({"contract_year": 10**9}, ["contract_year"]),
        ({"contract_year": 4}, ["contract_year"]),
        ({"contract_year": 1}, ["rates.parcours"]),
        ({"reason": ""}, ["reason"]),
        ({"reason": " "}, ["reason"]),
        ({"reason": "x" * 501}, ["reason"]),
        ({"reason": "a\x00"}, ["reason"]),
        (
            {"rates": {"acces_soins": "1", "parcours": "2", "prevention": "-1"}, "reason": ""},
            ["rates.parcours", "rates.prevention", "reason"],
        ),
    ],
)
def test_a_wrong_rate_is_refused_beside_its_field_and_none_is_recorded(contract, heard, changes, fields):
    with pytest.raises(ContractError) as caught:
        given(contract, **changes)

    assert list(caught.value.errors) == fields
    assert not Attainment.objects.exists()
    assert (entries(), heard) == ([], [])


def test_a_year_may_be_rated_from_its_first_day(cpts):
    contract = recorded(cpts, now=datetime(2023, 3, 15, 9, tzinfo=UTC))
    with pytest.raises(ContractError):
        given(contract, now=datetime(2024, 3, 14, 12, tzinfo=UTC))
    # Midnight in Paris, not in Greenwich.
    assert len(given(contract, now=datetime(2024, 3, 14, 23, 30, tzinfo=UTC))) == 1


def test_the_last_year_is_rated_after_the_end(contract):
    (row,) = given(contract, contract_year=5, now=NOW.replace(year=2028))
    assert row.contract_year == 5


def test_a_withdrawn_mission_takes_no_rate(contract):
    missions = {"acces_soins": date(2023, 9, 15)}
    by = coordinator_of(contract.cpts)
    revise_contract(
        contract, replace(EXAMPLE_A, missions=missions), revision=1, reason="Retrait", by=by, now=NOW
    )
    with pytest.raises(ContractError) as caught:
        given(contract)
    assert list(caught.value.errors) == ["rates.parcours"]
    assert rated_missions(Contract.objects.get(), 2) == ["acces_soins"]


def test_the_missions_of_a_year_had_started_before_its_end(contract):
    assert rated_missions(contract, 1) == ["acces_soins", "crise_sanitaire"]
    assert rated_missions(contract, 2) == list(EXAMPLE_A.missions)
