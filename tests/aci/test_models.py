"""The database refuses what no contract can be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from aci.models import Attainment, Contract, ContractMission
from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from tests.factories.contracts import EXAMPLE_A, EXAMPLE_B, NOW, recorded

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("aci_contract_ends_after_signature", {"ends_on": date(2023, 3, 15)}),
        ("aci_contract_size_from_one", {"size": 0, "computed_size": 0}),
        ("aci_contract_other_size_has_reason", {"size": 3}),
        ("aci_contract_has_population", {"population": 0}),
        ("aci_contract_expected_attainment_range", {"expected_attainment": Decimal("1.0001")}),
        ("aci_contract_expected_attainment_range", {"expected_attainment": Decimal("-0.1")}),
        ("aci_contract_crisis_plan_year_range", {"crisis_plan_year": 6}),
        ("aci_contract_proration_known", {"proration": "weeks"}),
    ],
)
def test_an_impossible_contract_is_refused_by_name(cpts, name, values):
    contract = recorded(cpts)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(**values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("aci_attainment_rate_range", {"rate": Decimal("1.0001")}),
        ("aci_attainment_rate_range", {"rate": Decimal("-0.0001")}),
        ("aci_attainment_year_range", {"contract_year": 0}),
        ("aci_attainment_year_range", {"contract_year": 6}),
        ("aci_attainment_says_why", {"reason": ""}),
    ],
)
def test_an_impossible_rate_is_refused_by_name(cpts, name, values):
    contract = recorded(cpts)
    fields = {"mission": "parcours", "contract_year": 1, "rate": Decimal("0.5"), "reason": "Essai"}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Attainment.objects.create(contract=contract, recorded_at=NOW, **(fields | values))


def test_a_cpts_signs_one_contract_a_day(cpts):
    contract = recorded(cpts)
    contract.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        contract.save(force_insert=True)
    assert {c.name for c in Contract._meta.constraints} >= {"aci_contract_one_per_signature"}


def test_a_mission_is_once_in_a_contract(cpts):
    contract = recorded(cpts)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractMission.objects.create(contract=contract, code="parcours", starts_on=date(2024, 3, 15))
    assert {c.name for c in ContractMission._meta.constraints} == {"aci_contractmission_once"}


def test_a_rate_is_once_for_a_mission_and_a_year(cpts):
    contract = recorded(cpts)
    fields = {"contract": contract, "mission": "parcours", "contract_year": 2, "recorded_at": NOW}
    Attainment.objects.create(**fields, rate=1, reason="Essai")
    with pytest.raises(IntegrityError), transaction.atomic():
        Attainment.objects.create(**fields, rate=0, reason="Essai")
    assert "aci_attainment_once_per_year" in {c.name for c in Attainment._meta.constraints}


def test_a_contract_is_never_deleted_with_its_cpts(cpts):
    recorded(cpts)
    with pytest.raises(ProtectedError):
        cpts.delete()


def test_contracts_are_seen_through_the_tenant(cpts, other_cpts):
    mine, theirs = recorded(cpts), recorded(other_cpts)
    coordinator = Actor(role=Role.COORDINATOR, user_id=1, cpts_id=cpts.pk)

    assert list(Contract.objects.visible_to(coordinator)) == [mine]
    assert set(Contract.objects.visible_to(PLATFORM)) == {mine, theirs}
    assert list(Contract.objects.visible_to(None)) == []


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2022, 6, 30), 0),
        (date(2022, 7, 1), 1),
        (date(2023, 3, 15), 2),
        (date(2027, 7, 1), 1),
        (date(2028, 3, 15), 0),
    ],
)
def test_a_contract_runs_from_its_signature_to_the_eve_of_its_end(cpts, other_cpts, day, count):
    recorded(cpts, EXAMPLE_A)
    recorded(other_cpts, EXAMPLE_B)
    assert Contract.objects.running(day).count() == count


def test_terms_come_in_three_queries(cpts, other_cpts, django_assert_num_queries):
    recorded(cpts)
    recorded(other_cpts, replace(EXAMPLE_B, reference="2022-01"))
    with django_assert_num_queries(3):
        contracts = list(Contract.objects.with_terms())
        assert [(len(c.missions.all()), len(c.attainments.all()), c.cpts.name != "") for c in contracts] == [
            (4, 0, True),
            (4, 0, True),
        ]
