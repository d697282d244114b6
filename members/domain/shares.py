"""Shares of a quorum or of a majority: kept to the thousandth, counted and read exactly."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from core.ui.formatting import percent

THOUSANDTH = Decimal("0.001")
_ROUNDED = {
    Fraction(numerator, denominator) for denominator in (3, 6, 7, 9) for numerator in range(1, denominator)
}
_WORDS = {
    Fraction(1, 2): ("la moitié", "de la moitié"),
    Fraction(1, 3): ("le tiers", "du tiers"),
    Fraction(2, 3): ("les deux tiers", "des deux tiers"),
    Fraction(1, 4): ("le quart", "du quart"),
    Fraction(3, 4): ("les trois quarts", "des trois quarts"),
    Fraction(1, 5): ("le cinquième", "du cinquième"),
    Fraction(1, 10): ("le dixième", "du dixième"),
}


def stored_share(share: Fraction) -> Decimal:
    """Return a share as columns keep it, to the thousandth."""
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return exact.quantize(THOUSANDTH, ROUND_HALF_UP)


_BY_STORED = {stored_share(share): share for share in _ROUNDED}


def exact_share(stored: Decimal) -> Fraction:
    """Return the share that a column stands for: two thirds for 0.667, itself where thousandths are exact.

    Votes are counted against it: 20 of 30 are two thirds, and less than 0.667.
    """
    return _BY_STORED.get(stored.quantize(THOUSANDTH), Fraction(stored))


def share_words(stored: Decimal) -> str:
    """Return a share after a verb: « le quart », « 60 % »."""
    return _words(stored)[0]


def of_share_words(stored: Decimal) -> str:
    """Return a share after a noun: « (à la demande) du quart », « de 60 % »."""
    return _words(stored)[1]


def _words(stored: Decimal) -> tuple[str, str]:
    share = exact_share(stored)
    figure = percent(stored) if Fraction(stored) == share else f"{share.numerator}/{share.denominator}"
    return _WORDS.get(share, (figure, f"de {figure}"))
