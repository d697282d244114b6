"""Anniversaries counted below the engine are those of the engine."""

from datetime import date, timedelta

import pytest

from aci.domain.anniversaries import anniversary, begun_years
from funding.engine.dates import add_months


def test_every_day_of_eight_years_has_the_anniversaries_of_the_engine():
    first = date(2019, 8, 25)
    for days in range(8 * 366):
        day = first + timedelta(days=days)
        for years in range(6):
            assert anniversary(day, years) == add_months(day, 12 * years)


def test_the_29_february_ends_on_the_28_and_comes_back_in_leap_years():
    assert [anniversary(date(2024, 2, 29), years) for years in (1, 4, 5)] == [
        date(2025, 2, 28),
        date(2028, 2, 29),
        date(2029, 2, 28),
    ]


@pytest.mark.parametrize(
    ("day", "numbers"),
    [
        (date(2023, 3, 14), []),
        (date(2023, 3, 15), [1]),
        (date(2024, 3, 14), [1]),
        (date(2024, 3, 15), [1, 2]),
        (date(2028, 3, 15), [1, 2, 3, 4, 5]),
        (date(2040, 1, 1), [1, 2, 3, 4, 5]),
    ],
)
def test_a_year_has_begun_on_its_anniversary(day, numbers):
    assert list(begun_years(date(2023, 3, 15), day)) == numbers
