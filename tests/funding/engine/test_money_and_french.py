from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from funding.engine.french import euros, long_date, number, percent, quoted
from funding.engine.money import round_to_cent


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        (Fraction(1, 200), "0.01"),
        (Fraction(1, 200) - Fraction(1, 10**30), "0.00"),
        (Fraction(3, 200), "0.02"),
        (Fraction(10, 3), "3.33"),
        (Fraction(20, 3), "6.67"),
        (Fraction(0), "0.00"),
        (Fraction(450000), "450000.00"),
    ],
)
def test_half_a_cent_goes_up(exact, expected):
    assert str(round_to_cent(exact)) == expected


def test_figures_are_written_as_a_french_reader_expects():
    assert euros(Decimal("1250.50")) == "1\u202f250,50\u00a0€"
    assert euros(70000) == "70\u202f000\u00a0€"
    assert number(100_000_000) == "100\u202f000\u202f000"
    assert percent(Decimal("0.75")) == "75\u00a0%"
    assert percent(Decimal("1")) == "100\u00a0%"
    assert percent(Decimal("0.8333")) == "83,33\u00a0%"


def test_dates_are_written_in_words():
    assert long_date(date(2023, 3, 15)) == "15 mars 2023"
    assert long_date(date(2022, 4, 1)) == "1er avril 2022"
    assert long_date(date(2023, 8, 2)) == "2 août 2023"
    assert long_date(date(2023, 12, 31)) == "31 décembre 2023"


def test_foreign_text_stays_on_one_line_and_short():
    assert quoted("a\nb\ud800") == "«\u00a0a?b?\u00a0»"
    assert quoted("x" * 61) == f"«\u00a0{'x' * 60}…\u00a0»"
