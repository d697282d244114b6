"""How amounts, numbers and dates are written in French, on screen, in documents and in explanations.

Typography of the Imprimerie nationale: U+202F between thousands, U+00A0 before a unit, a true minus
sign. Nothing is guessed: a missing value is an error of the caller, never a zero.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.timezone import localtime

_NARROW_SPACE = "\u202f"
_NO_BREAK_SPACE = "\u00a0"
_MINUS = "\u2212"
_CENT = Decimal("0.01")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def number(value: int | Decimal) -> str:
    """Return `value` grouped by thousands, with the decimals it has: 60200 -> "60 200".

    Raises TypeError for anything but an int or a Decimal, ValueError for a value that is not finite.
    """
    _check(value)
    text = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,d}"
    text = text.translate({ord(","): _NARROW_SPACE, ord("."): ","})
    return f"{_MINUS}{text}" if value < 0 else text


def euros(amount: int | Decimal) -> str:
    """Return an amount in euros: an int is whole euros ("1 250 €"), a Decimal is to the cent ("1 250,50 €").

    Raises ValueError when a Decimal holds fractions of a cent: rounding is decided by the engine, once.
    """
    _check(amount)
    if isinstance(amount, Decimal):
        cents = amount.quantize(_CENT)
        if cents != amount:
            raise ValueError(f"{amount} is not an amount to the cent")
        amount = cents
    return f"{number(amount)}{_NO_BREAK_SPACE}€"


def percent(rate: int | Decimal) -> str:
    """Return a rate as a percentage, at most two decimals, half-up: Decimal("0.8") -> "80 %"."""
    _check(rate)
    points = (Decimal(rate) * 100).quantize(_CENT, ROUND_HALF_UP).normalize()
    return f"{number(points)}{_NO_BREAK_SPACE}%"


def long_date(day: date) -> str:
    """Return a date in words: 2023-03-01 -> "1er mars 2023"."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal} {MONTHS[day.month - 1]} {day.year}"


def local_day(instant: datetime) -> str:
    """Return the day of an instant in words, in the site's time zone."""
    return long_date(localtime(instant))


def moment(instant: datetime) -> str:
    """Return an instant in words, in the site's time zone: « 24 novembre 2026 à 14 h 05 »."""
    local = localtime(instant)
    time = f"{local.hour}{_NO_BREAK_SPACE}h{_NO_BREAK_SPACE}{local.minute:02}"
    return f"{long_date(local)} à {time}"


def _check(value: int | Decimal) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{value!r} is neither an int nor a Decimal")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} is not a number to show")
