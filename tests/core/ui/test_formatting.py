"""Amounts, numbers and dates are written in French, to the character."""

from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template

from core.ui.formatting import euros, long_date, number, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (60200, "60\u202f200"),
        (1234567, "1\u202f234\u202f567"),
        (-1500, "\u22121\u202f500"),
        (Decimal("1234.50"), "1\u202f234,50"),
        (Decimal("1E+3"), "1\u202f000"),
    ],
)
def test_numbers_are_grouped_by_thousands(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (55000, "55\u202f000\u00a0€"),
        (Decimal("1250.5"), "1\u202f250,50\u00a0€"),
        (Decimal("0"), "0,00\u00a0€"),
        (Decimal("-0.01"), "\u22120,01\u00a0€"),
        (Decimal("1250.500"), "1\u202f250,50\u00a0€"),
    ],
)
def test_an_int_is_whole_euros_and_a_decimal_is_to_the_cent(amount, text):
    assert euros(amount) == text


def test_an_amount_below_the_cent_is_refused_not_rounded():
    with pytest.raises(ValueError, match=r"10\.005 is not an amount to the cent"):
        euros(Decimal("10.005"))


@pytest.mark.parametrize("bad", [None, "12", 1.5, True])
@pytest.mark.parametrize("show", [number, euros, percent])
def test_what_is_not_a_number_is_refused(show, bad):
    with pytest.raises(TypeError, match="neither an int nor a Decimal"):
        show(bad)


@pytest.mark.parametrize("bad", ["NaN", "Infinity"])
@pytest.mark.parametrize("show", [number, euros, percent])
def test_a_decimal_that_is_not_finite_is_refused(show, bad):
    with pytest.raises(ValueError, match="not a number to show"):
        show(Decimal(bad))


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0\u00a0%"),
        (1, "100\u00a0%"),
        (Decimal("0.8"), "80\u00a0%"),
        (Decimal("0.825"), "82,5\u00a0%"),
        (Decimal(364) / Decimal(365), "99,73\u00a0%"),
        (Decimal("12.5"), "1\u202f250\u00a0%"),
    ],
)
def test_rates_have_at_most_two_decimals(rate, text):
    assert percent(rate) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2023, 3, 1), "1er mars 2023"),
        (date(2024, 2, 29), "29 février 2024"),
        (date(2026, 8, 11), "11 août 2026"),
    ],
)
def test_dates_are_written_in_words(day, text):
    assert long_date(day) == text


def test_the_filters_are_available_in_every_template():
    template = Template("{{ a|euros }} {{ n|number }} {{ r|percent }} {{ d|long_date }}")
    context = Context({"a": Decimal("3.10"), "n": 1000, "r": Decimal("0.75"), "d": date(2023, 1, 31)})
    assert template.render(context) == "3,10\u00a0€ 1\u202f000 75\u00a0% 31 janvier 2023"


def test_a_number_that_nobody_formats_is_written_as_it_is():
    """Keys of rows are in links and in values of forms: grouped, they would name nothing from 1 000 on."""
    page = Template('<input value="{{ pk }}"> {{ pk|number }}').render(Context({"pk": 1234567}))

    assert page == '<input value="1234567"> 1\u202f234\u202f567'
