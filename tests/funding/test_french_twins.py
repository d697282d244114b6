"""The engine may not import the interface, so each writes French by itself: both to the same character."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ui import formatting
from funding.engine import french

amounts = st.decimals(-(10**12), 10**12, places=2)
rates = st.decimals(0, 1, places=4)


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers(value: int) -> None:
    assert french.number(value) == formatting.number(value)
    assert french.euros(value) == formatting.euros(value)


@given(amounts)
def test_amounts_to_the_cent(amount: Decimal) -> None:
    assert french.number(amount) == formatting.number(amount)
    assert french.euros(amount) == formatting.euros(amount)


@given(rates)
def test_rates_of_two_decimals(rate: Decimal) -> None:
    assert french.percent(rate) == formatting.percent(rate)


def test_a_finer_rate_is_explained_as_it_is_and_shown_rounded() -> None:
    """What the calculation used must stand in its explanation, whole."""
    assert french.percent(Decimal("0.123456")) == "12,3456\u00a0%"
    assert formatting.percent(Decimal("0.123456")) == "12,35\u00a0%"


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", [1, 2, 28])
def test_dates(day: int, month: int) -> None:
    assert french.long_date(date(2024, month, day)) == formatting.long_date(date(2024, month, day))
