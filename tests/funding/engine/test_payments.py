"""When and how much: the payment rules of the domain reference, section 5, one by one."""

from datetime import date
from decimal import Decimal

import pytest

from funding.engine import Proration, compute_schedule
from tests.funding.engine.builders import ACI_2019, AVENANT_2, contract, lines_of, schedule, with_rules


def test_operating_is_paid_in_full_at_signature_then_three_quarters_and_the_rest():
    lines = lines_of(schedule(), "fonctionnement")
    assert lines[:3] == [
        ("2023-03-15", 1, "operating", "full", "50000.00"),
        ("2024-03-15", 2, "operating", "advance", "37500.00"),
        ("2025-03-15", 2, "operating", "balance", "12500.00"),
    ]
    assert lines[-1] == ("2028-03-15", 5, "operating", "balance", "12500.00")
    assert len(lines) == 9


def test_a_text_may_advance_the_first_operating_share_too():
    text = with_rules(AVENANT_2, first_operating_year_in_full=False)
    lines = lines_of(compute_schedule(contract(), [text]), "fonctionnement")
    assert lines[:2] == [
        ("2023-03-15", 1, "operating", "advance", "37500.00"),
        ("2024-03-15", 1, "operating", "balance", "12500.00"),
    ]


def test_a_fixed_share_is_advanced_at_the_missions_own_start_in_proportion():
    lines = lines_of(schedule(size=2, missions={"parcours": date(2023, 9, 15)}), "parcours")
    assert lines[:5] == [
        ("2023-09-15", 1, "fixed", "advance", "13053.28"),
        ("2024-03-15", 1, "fixed", "balance", "4351.09"),
        ("2024-03-15", 1, "variable", "variable", "17404.37"),
        ("2024-03-15", 2, "fixed", "advance", "26250.00"),
        ("2025-03-15", 2, "fixed", "balance", "8750.00"),
    ]


def test_the_advance_is_rounded_from_the_exact_amount_and_the_balance_is_what_remains():
    # 7 days of 366: 10 000 × 7/366 = 191.2568…, due 191.26; three quarters of it are 143.4426…, 143.44,
    # where three quarters of the rounded 191.26 would give 143.45, and a quarter of it 47.81.
    lines = lines_of(schedule(missions={"prevention": date(2024, 3, 8)}), "prevention")
    assert [line[4] for line in lines[:3]] == ["143.44", "47.82", "191.26"]


def test_nothing_is_advanced_at_the_end_of_the_contract():
    last = [
        line
        for line in schedule(missions={"parcours": date(2023, 3, 15)}).instalments
        if line.due_on.year == 2028
    ]
    assert {line.kind.value for line in last} == {"balance", "variable"}
    assert {line.contract_year for line in last} == {5}


def test_a_mission_starting_on_an_anniversary_opens_the_year_that_follows_in_full():
    lines = lines_of(schedule(missions={"prevention": date(2024, 3, 15)}), "prevention")
    assert lines[0] == ("2024-03-15", 2, "fixed", "advance", "7500.00")
    assert lines[1] == ("2025-03-15", 2, "fixed", "balance", "2500.00")


def test_a_mission_starting_on_the_last_day_is_paid_for_that_day():
    lines = lines_of(schedule(missions={"prevention": date(2028, 3, 14)}), "prevention")
    assert lines == [
        ("2028-03-14", 5, "fixed", "advance", "20.49"),
        ("2028-03-15", 5, "fixed", "balance", "6.83"),
        ("2028-03-15", 5, "variable", "variable", "27.32"),
    ]


@pytest.mark.parametrize(
    ("starts_on", "advance"),
    [
        (date(2023, 9, 15), "3750.00"),  # six whole months of twelve
        (date(2023, 9, 16), "3125.00"),  # five
        (date(2023, 3, 16), "6875.00"),  # eleven
        (date(2023, 3, 15), "7500.00"),  # the whole year
    ],
)
def test_months_are_whole_and_floored(starts_on, advance):
    computed = schedule(missions={"prevention": starts_on}, proration=Proration.MONTHS)
    assert lines_of(computed, "prevention")[0][4] == advance


def test_less_than_a_month_left_pays_nothing_by_months():
    computed = schedule(missions={"prevention": date(2024, 2, 16)}, proration=Proration.MONTHS)
    assert lines_of(computed, "prevention")[0] == ("2024-03-15", 2, "fixed", "advance", "7500.00")


def test_the_variable_share_follows_the_attainment_of_its_year():
    computed = schedule(
        missions={"parcours": date(2023, 3, 15)},
        attainment={"parcours": {1: Decimal("0.333"), 3: Decimal(0)}},
        default_attainment=Decimal("0.5"),
    )
    variable = [line for line in lines_of(computed, "parcours") if line[2] == "variable"]
    assert [(line[1], line[4]) for line in variable] == [
        (1, "8325.00"),
        (2, "12500.00"),
        (4, "12500.00"),
        (5, "12500.00"),
    ]


def test_the_first_variable_share_may_be_left_whole():
    missions = {"parcours": date(2023, 9, 15)}
    whole = schedule(missions=missions, prorate_first_variable=False)
    assert ("2024-03-15", 1, "variable", "variable", "25000.00") in lines_of(whole, "parcours")
    assert ("2023-09-15", 1, "fixed", "advance", "9323.77") in lines_of(whole, "parcours")


def test_everything_is_payable_two_months_after_it_is_due():
    computed = schedule(signed_on=date(2023, 12, 31), missions={"parcours": date(2024, 1, 5)})
    by_due_date = {line.due_on: line.payable_by for line in computed.instalments}
    assert by_due_date[date(2023, 12, 31)] == date(2024, 2, 29)
    assert by_due_date[date(2024, 1, 5)] == date(2024, 3, 5)
    assert by_due_date[date(2024, 12, 31)] == date(2025, 2, 28)


def test_lines_come_by_date_then_year_then_operating_first_then_the_order_of_the_text():
    missions = {"prevention": date(2023, 3, 15), "acces_soins": date(2023, 3, 15)}
    lines = [
        (line.contract_year, line.mission, line.kind.value)
        for line in schedule(missions=missions).instalments
        if line.due_on == date(2025, 3, 15)
    ]
    assert lines == [
        (2, "fonctionnement", "balance"),
        (2, "acces_soins", "balance"),
        (2, "acces_soins", "variable"),
        (2, "prevention", "balance"),
        (2, "prevention", "variable"),
        (3, "fonctionnement", "advance"),
        (3, "acces_soins", "advance"),
        (3, "prevention", "advance"),
    ]


def test_sums_by_year_tell_the_shares_apart():
    computed = schedule(missions={"prevention": date(2023, 3, 15)}, default_attainment=Decimal("0.5"))
    first = computed.by_contract_year()[1]
    assert (first.operating, first.fixed, first.variable) == (50_000, 10_000, 5_000)
    assert first.total == 65_000
    signature_year = computed.by_calendar_year()[2023]
    assert (signature_year.operating, signature_year.fixed, signature_year.variable) == (50_000, 7_500, 0)
    assert computed.by_date()[date(2023, 3, 15)] == 57_500
    assert computed.total == 5 * 65_000


def test_a_due_date_holds_its_lines_their_sum_and_the_latest_of_their_delays():
    """On the anniversary where two texts meet, each pays within its own delay."""
    slower = with_rules(AVENANT_2, payable_within_months=3)
    terms = contract(signed_on=date(2021, 6, 1), missions={"parcours": date(2021, 6, 1)})
    computed = compute_schedule(terms, [ACI_2019, slower])
    assert [(due.day, due.payable_by) for due in computed.due_dates] == [
        (date(2021, 6, 1), date(2021, 8, 1)),
        (date(2022, 6, 1), date(2022, 9, 1)),
        (date(2023, 6, 1), date(2023, 9, 1)),
        (date(2024, 6, 1), date(2024, 9, 1)),
        (date(2025, 6, 1), date(2025, 9, 1)),
        (date(2026, 6, 1), date(2026, 9, 1)),
    ]
    meeting = computed.due_dates[1]
    assert {(line.contract_year, line.payable_by) for line in meeting.lines} == {
        (1, date(2022, 8, 1)),
        (2, date(2022, 9, 1)),
    }
    assert meeting.amount == 6_250 + 25_000 + 37_500 + 18_750
    assert tuple(line for due in computed.due_dates for line in due.lines) == computed.instalments
