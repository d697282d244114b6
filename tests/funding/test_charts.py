"""The plots of a schedule show the engine's sums, year by year."""

from decimal import Decimal

import pytest

from funding.charts import calendar_year_chart, contract_year_chart
from funding.engine import Totals
from tests.funding.simulations import simulated


def test_each_contract_year_has_its_three_shares():
    chart = contract_year_chart(simulated().schedule.by_contract_year())
    assert [bar.label for bar in chart.bars] == ["Année 1", "Année 2", "Année 3", "Année 4", "Année 5"]
    assert next(iter(chart.rows)) == (
        "Année 1",
        [
            ("Fonctionnement", "60\u202f000,00\u00a0€"),
            ("Volet fixe", "52\u202f213,11\u00a0€"),
            ("Volet variable", "11\u202f934,43\u00a0€"),
        ],
        "124\u202f147,54\u00a0€",
    )


def test_a_civil_year_holds_what_falls_due_in_it():
    chart = calendar_year_chart(simulated().schedule.by_calendar_year())
    assert [(label, total) for label, _figures, total in chart.rows] == [
        ("2023", "99\u202f159,84\u00a0€"),
        ("2024", "173\u202f112,70\u00a0€"),
        ("2025", "261\u202f500,00\u00a0€"),
        ("2026", "261\u202f500,00\u00a0€"),
        ("2027", "261\u202f500,00\u00a0€"),
        ("2028", "113\u202f375,00\u00a0€"),
    ]


@pytest.mark.parametrize("chart_of", [contract_year_chart, calendar_year_chart])
def test_a_share_that_an_adjustment_brings_below_zero_is_drawn(chart_of):
    below = Totals(operating=Decimal(60_000), fixed=Decimal("-120.50"), variable=Decimal(0))
    (row,) = chart_of({1: below}).rows
    assert row[1:] == (
        [
            ("Fonctionnement", "60\u202f000,00\u00a0€"),
            ("Volet fixe", "\u2212120,50\u00a0€"),
            ("Volet variable", "0,00\u00a0€"),
        ],
        "59\u202f879,50\u00a0€",
    )


@pytest.mark.parametrize("chart_of", [contract_year_chart, calendar_year_chart])
def test_no_year_has_no_chart(chart_of):
    with pytest.raises(ValueError, match="at least one bar"):
        chart_of({})
