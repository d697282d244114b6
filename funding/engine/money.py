"""Exact amounts: fractions until the very end, then cents, once."""

from decimal import Decimal
from fractions import Fraction

NOTHING = Decimal("0.00")


def round_to_cent(amount: Fraction) -> Decimal:
    """An exact, non-negative amount in euros as a Decimal of two places, half a cent going up.

    Integer arithmetic: no binary float ever takes part (domain reference, section 5, rule 7).
    """
    cents = (200 * amount.numerator + amount.denominator) // (2 * amount.denominator)
    return Decimal(cents).scaleb(-2)
