"""The crisis mission of avenant 2 and the supplements of the ACI of 2019."""

from datetime import date

import pytest

from tests.funding.engine.builders import lines_of, schedule

CRISIS = {"crise_sanitaire": date(2023, 3, 15)}
SUPPLEMENTS = frozenset({"snp", "medecin_traitant"})


def fixed_due(**terms) -> dict[int, int]:
    """What is due in fixed share by contract year for the crisis mission, in euros."""
    return {
        due.year.number: int(due.due)
        for due in schedule(**({"missions": CRISIS} | terms)).entitlements
        if due.mission == "crise_sanitaire" and due.share == "fixed"
    }


def test_the_plan_is_first_written_the_year_the_mission_starts():
    assert fixed_due() == {1: 25_000, 2: 12_500, 3: 12_500, 4: 12_500, 5: 12_500}
    assert fixed_due(missions={"crise_sanitaire": date(2025, 3, 15)}) == {3: 25_000, 4: 12_500, 5: 12_500}


def test_nothing_is_due_before_the_year_of_the_plan():
    assert fixed_due(crisis_plan_year=3) == {3: 25_000, 4: 12_500, 5: 12_500}


def test_a_plan_older_than_the_mission_leaves_updates_only():
    missions = {"crise_sanitaire": date(2025, 3, 15)}
    assert fixed_due(missions=missions, crisis_plan_year=1) == {3: 12_500, 4: 12_500, 5: 12_500}


def test_the_variable_share_is_due_only_for_the_years_of_a_crisis():
    computed = schedule(missions=CRISIS, crisis_years=frozenset({2, 4}))
    variable = [line for line in lines_of(computed, "crise_sanitaire") if line[2] == "variable"]
    assert [(line[1], line[4]) for line in variable] == [(2, "37500.00"), (4, "37500.00")]


def test_a_crisis_in_the_first_partial_year_is_prorated_too():
    computed = schedule(missions={"crise_sanitaire": date(2023, 9, 15)}, crisis_years=frozenset({1}))
    assert ("2024-03-15", 1, "variable", "variable", "18647.54") in lines_of(computed, "crise_sanitaire")


def test_crisis_settings_without_the_mission_change_nothing():
    assert schedule(crisis_years=frozenset({1}), crisis_plan_year=2).total == schedule().total


def test_supplements_join_the_shares_of_access_to_care_before_ratio_and_rounding():
    computed = schedule(
        signed_on=date(2020, 3, 16),
        bareme="aci-2019",
        missions={"acces_soins": date(2020, 9, 17)},
        supplements=SUPPLEMENTS,
    )
    # 180 days of 365 are left: fixed (15 000 + 35 000) × 180/365, variable (15 000 + 10 000) × 180/365.
    assert lines_of(computed, "acces_soins")[:3] == [
        ("2020-09-17", 1, "fixed", "advance", "18493.15"),
        ("2021-03-16", 1, "fixed", "balance", "6164.38"),
        ("2021-03-16", 1, "variable", "variable", "12328.77"),
    ]


@pytest.mark.parametrize(
    ("supplement", "fixed", "variable"), [("snp", 50_000, 15_000), ("medecin_traitant", 15_000, 25_000)]
)
def test_each_supplement_joins_its_own_share(supplement, fixed, variable):
    computed = schedule(
        signed_on=date(2020, 3, 16),
        bareme="aci-2019",
        missions={"acces_soins": date(2020, 3, 16), "parcours": date(2020, 3, 16)},
        supplements=frozenset({supplement}),
    )
    due = {(line.mission, line.share.value): line.due for line in computed.entitlements}
    assert (due["acces_soins", "fixed"], due["acces_soins", "variable"]) == (fixed, variable)
    assert (due["parcours", "fixed"], due["parcours", "variable"]) == (25_000, 25_000)


def test_supplements_stop_with_the_text_that_has_them():
    missions = {"acces_soins": date(2021, 4, 1)}
    computed = schedule(signed_on=date(2021, 4, 1), missions=missions, supplements=SUPPLEMENTS)
    fixed = [
        (due.year.number, int(due.due))
        for due in computed.entitlements
        if due.mission == "acces_soins" and due.share == "fixed"
    ]
    assert fixed == [(1, 50_000), (2, 55_000), (3, 55_000), (4, 55_000), (5, 55_000)]
