"""From a recorded contract to the engine's terms, and what follows from them."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from aci.domain.attainments import record_attainments
from aci.domain.contracts import revise_contract
from aci.enums import ProrationBasis
from aci.models import Contract
from funding.domain.baremes import published_baremes, size_of
from funding.domain.contract_sheet import (
    COMING,
    LATE,
    LATE_PLAN,
    LATE_START,
    OVER,
    RUNNING,
    mission_standing,
    sheet_of,
)
from funding.domain.contract_terms import outlook_of, terms_from, terms_of, terms_payload
from funding.domain.simulation import parse_simulation, run_simulation
from funding.engine import EngineError, PaymentSchedule, compute_schedule
from tests.factories.contracts import EXAMPLE_A, EXAMPLE_B, NOW, coordinator_of, recorded

pytestmark = pytest.mark.django_db


def schedule_of(contract: Contract) -> PaymentSchedule:
    return compute_schedule(terms_of(contract), published_baremes())


def by_date(schedule: PaymentSchedule) -> dict[str, str]:
    return {day.isoformat(): str(amount) for day, amount in schedule.by_date().items()}


def reloaded(contract: Contract) -> Contract:
    return Contract.objects.with_terms().get(pk=contract.pk)


def test_example_a_recorded_gives_the_amounts_of_the_domain_reference(cpts):
    schedule = schedule_of(recorded(cpts))

    assert by_date(schedule) == {
        "2023-03-15": "60000.00",
        "2023-09-15": "39159.84",
        "2024-03-15": "173112.70",
        "2025-03-15": "261500.00",
        "2026-03-15": "261500.00",
        "2027-03-15": "261500.00",
        "2028-03-15": "113375.00",
    }
    assert schedule.total == Decimal("1170147.54")


def test_example_a_by_months_gives_its_other_total(cpts):
    contract = recorded(cpts, replace(EXAMPLE_A, proration=ProrationBasis.MONTHS))
    assert schedule_of(contract).total == Decimal("1170500.00")


def test_example_b_recorded_gives_the_amounts_of_the_domain_reference(cpts):
    schedule = schedule_of(recorded(cpts, EXAMPLE_B))

    assert by_date(schedule) == {
        "2022-07-01": "223125.00",
        "2023-07-01": "334375.00",
        "2024-07-01": "347500.00",
        "2025-07-01": "347500.00",
        "2026-07-01": "347500.00",
        "2027-07-01": "160000.00",
    }
    assert schedule.total == Decimal("1760000.00")


def test_a_recorded_rate_takes_the_place_of_the_expected_one(cpts):
    contract = recorded(cpts)
    by = coordinator_of(cpts)
    record_attainments(contract, 2, {"parcours": Decimal("0.5")}, "Dialogue", by=by, now=NOW, replacing={})
    terms = terms_of(reloaded(contract))

    assert terms.attainment == {"parcours": {2: Decimal("0.5")}}
    assert terms.attainment_of("parcours", 2) == Decimal("0.5")
    assert terms.attainment_of("parcours", 3) == Decimal("0.8")
    # Parcours, size 2: 35 000 euros of variable share a year, of which 0.3 less.
    assert schedule_of(reloaded(contract)).total == Decimal("1170147.54") - Decimal("10500.00")


def test_a_withdrawn_mission_leaves_the_terms(cpts):
    contract = recorded(cpts)
    missions = {code: start for code, start in EXAMPLE_A.missions.items() if code != "parcours"}
    revise_contract(
        contract,
        replace(EXAMPLE_A, missions=missions),
        revision=1,
        reason="Retrait",
        by=coordinator_of(cpts),
        now=NOW,
    )
    assert terms_of(reloaded(contract)).missions == missions


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proration": ProrationBasis.MONTHS, "prorate_first_variable": False},
        {"bareme": "avenant-2", "crisis_plan_year": 2, "crisis_years": (2, 4)},
        {"size": 4, "size_reason": "Accord de la CPAM", "expected_attainment": Decimal("0.3333")},
        {"supplements": ("medecin_traitant", "snp"), "expected_attainment": Decimal("0")},
    ],
)
def test_the_payload_simulates_to_the_very_same_schedule(cpts, changes):
    contract = recorded(cpts, replace(EXAMPLE_A, **changes))
    by = coordinator_of(cpts)
    record_attainments(contract, 2, {"prevention": Decimal("1")}, "Dialogue", by=by, now=NOW, replacing={})
    record_attainments(
        contract, 1, {"acces_soins": Decimal("0.0001")}, "Dialogue", by=by, now=NOW, replacing={}
    )
    contract = reloaded(contract)
    payload = json.loads(json.dumps(terms_payload(contract)))

    assert parse_simulation(payload).terms == terms_of(contract)
    assert run_simulation(parse_simulation(payload)).schedule == schedule_of(contract)


def test_the_payload_is_the_same_just_recorded_and_read_again(cpts):
    contract = recorded(cpts)

    assert terms_payload(contract) == terms_payload(reloaded(contract))
    assert terms_payload(contract) == {
        "signed_on": "2023-03-15",
        "size": 2,
        "missions": {code: start.isoformat() for code, start in EXAMPLE_A.missions.items()},
        "proration": "days",
        "prorate_first_variable": True,
        "attainment": {},
        "default_attainment": "0.8",
        "crisis_years": [],
        "supplements": [],
    }


def test_the_command_reads_the_payload(cpts, tmp_path, capsys):
    contract = recorded(cpts, EXAMPLE_B)
    file = tmp_path / "contract.json"
    file.write_text(json.dumps(terms_payload(contract)))
    call_command("simulate", str(file))

    assert json.loads(capsys.readouterr().out)["total"] == "1760000.00"


def test_terms_are_read_without_a_query(cpts, django_assert_num_queries):
    recorded(cpts)
    contract = Contract.objects.with_terms().get()
    with django_assert_num_queries(0):
        terms_of(contract)
        terms_payload(contract)
        sheet_of(contract, NOW.date())


@pytest.mark.parametrize(
    ("population", "size"), [(39_999, 1), (40_000, 2), (79_999, 2), (80_000, 3), (175_000, 3), (175_001, 4)]
)
def test_the_size_follows_the_population(population, size):
    assert size_of(population, date(2023, 3, 15), None) == size


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": 5, "computed_size": 5}, "size"),
        ({"bareme": "avenant-9"}, "bareme"),
        ({"signed_on": date(2019, 1, 1)}, "signed_on"),
        ({"missions": {"inconnue": date(2023, 3, 15)}}, "missions.inconnue"),
        ({"missions": {"parcours": date(2023, 3, 14)}}, "missions.parcours"),
        ({"missions": {"parcours": date(2028, 3, 15)}}, "missions.parcours"),
        ({"supplements": ("autre",)}, "supplements"),
        ({"crisis_years": (6,)}, "crisis_years"),
    ],
)
def test_a_contract_that_no_text_can_pay_is_refused_beside_its_field(changes, field):
    with pytest.raises(EngineError) as caught:
        outlook_of(terms_from(replace(EXAMPLE_A, **changes)))
    assert list(caught.value.errors) == [field]


# --- The sheet -----------------------------------------------------------------------------------


def test_the_latest_days_count_from_the_signature(cpts):
    outlook = outlook_of(terms_of(recorded(cpts)))

    assert [
        (each.mission.code, each.start_by, each.deployed_by, each.is_late) for each in outlook.deadlines
    ] == [
        ("acces_soins", date(2023, 9, 15), date(2024, 9, 15), False),
        ("crise_sanitaire", date(2023, 9, 15), date(2024, 9, 15), False),
        ("parcours", date(2024, 3, 15), date(2025, 3, 15), False),
        ("prevention", date(2024, 3, 15), date(2025, 3, 15), False),
    ]
    assert outlook.ends_on == date(2028, 3, 15)
    assert outlook.warnings == []


def test_a_mission_that_a_later_text_brings_counts_from_its_first_year(cpts):
    missions = {"acces_soins": date(2021, 6, 1), "crise_sanitaire": date(2023, 1, 1)}
    values = replace(EXAMPLE_A, signed_on=date(2021, 6, 1), missions=missions)
    deadlines = outlook_of(terms_of(recorded(cpts, values))).deadlines

    # Avenant 2 holds from the second contract year, which begins on 1 June 2022.
    assert [(each.start_by, each.deployed_by, each.is_late) for each in deadlines] == [
        (date(2021, 12, 1), date(2022, 12, 1), False),
        (date(2022, 12, 1), date(2023, 12, 1), True),
    ]


def test_optional_missions_are_free_and_missing_core_ones_are_named(cpts):
    values = replace(EXAMPLE_A, missions={"accompagnement_ps": date(2023, 3, 15)})
    outlook = outlook_of(terms_of(recorded(cpts, values)))

    assert [(each.start_by, each.deployed_by) for each in outlook.deadlines] == [(None, None)]
    assert len(outlook.warnings) == 1
    assert outlook.warnings[0].startswith("Il manque au moins une mission socle\u00a0: «\u00a0")


@pytest.mark.parametrize(
    ("starts_on", "today", "standing"),
    [
        (date(2023, 9, 15), date(2023, 9, 14), COMING),
        (date(2023, 9, 15), date(2023, 9, 15), RUNNING),
        (date(2023, 9, 15), date(2028, 3, 14), RUNNING),
        (date(2023, 9, 15), date(2028, 3, 15), OVER),
        (date(2023, 10, 1), date(2023, 9, 15), LATE_PLAN),
        (date(2023, 10, 1), date(2023, 9, 16), LATE),
        (date(2023, 10, 1), date(2023, 10, 1), LATE_START),
    ],
)
def test_where_a_mission_stands_on_a_day(starts_on, today, standing):
    values = replace(EXAMPLE_A, missions={"acces_soins": starts_on})
    deadlines = outlook_of(terms_from(values)).deadlines[0]

    assert mission_standing(deadlines, date(2028, 3, 15), today) == standing


def test_the_sheet_of_a_day(cpts):
    contract = recorded(cpts)
    by = coordinator_of(cpts)
    record_attainments(contract, 1, {"acces_soins": Decimal("0.7")}, "Dialogue", by=by, now=NOW, replacing={})
    sheet = sheet_of(reloaded(contract), NOW.date())

    assert [(each.year.number, each.standing, each.is_current) for each in sheet.years] == [
        (1, OVER, False),
        (2, OVER, False),
        (3, RUNNING, True),
        (4, COMING, False),
        (5, COMING, False),
    ]
    assert sheet.years[0].last_day == date(2024, 3, 14)
    rates = {m.deadlines.mission.code: [(c.rate, c.is_open) for c in m.rates] for m in sheet.missions}
    assert rates["acces_soins"] == [
        (Decimal("0.7"), True),
        (None, True),
        (None, True),
        (None, False),
        (None, False),
    ]
    # It starts with the second year.
    assert rates["parcours"][0] == (None, False)
    assert [(m.kind, m.deployment_is_past) for m in sheet.missions] == [("socle", True)] * 4
    assert ("Prorata de la première année d’une mission", "au jour près") in sheet.settings


def test_the_sheet_before_and_after_the_contract(cpts):
    contract = recorded(cpts)
    before = sheet_of(contract, EXAMPLE_A.signed_on - timedelta(days=1))
    after = sheet_of(contract, contract.ends_on)

    assert {each.standing for each in before.years} == {COMING}
    assert {each.standing for each in after.years} == {OVER}
