"""Figures, dates and quoted words as a French reader expects them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

NBSP = "\u00a0"
THIN_NBSP = "\u202f"
MINUS = "\u2212"
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
LONGEST_QUOTE = 60


def number(value: int | Decimal) -> str:
    """A figure with all its decimals: 1250 or Decimal("1250.50") give "1 250" and "1 250,50"."""
    text = f"{Decimal(value).copy_abs():,f}".replace(",", THIN_NBSP).replace(".", ",")
    return f"{MINUS}{text}" if value < 0 else text


def euros(amount: int | Decimal) -> str:
    """An amount in euros; whole amounts of a table come as int and show no cents."""
    return f"{number(amount)}{NBSP}€"


def percent(rate: Decimal) -> str:
    """A rate between 0 and 1 as a percentage: Decimal("0.75") gives "75 %"."""
    return f"{number((rate * 100).normalize())}{NBSP}%"


def long_date(day: date) -> str:
    """A date in words: "1er avril 2022", "15 mars 2023"."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal} {MONTHS[day.month - 1]} {day.year}"


def shown(text: str) -> str:
    """Foreign text made safe for a one-line message: printable characters only, cut when too long."""
    clean = "".join(character if character.isprintable() else "?" for character in text)
    return clean if len(clean) <= LONGEST_QUOTE else f"{clean[:LONGEST_QUOTE]}…"


def quoted(text: str) -> str:
    """A code or a value given by somebody, between guillemets."""
    return f"«{NBSP}{shown(text)}{NBSP}»"


def listed(words: Iterable[str]) -> str:
    """Words separated by commas, to close a sentence."""
    return ", ".join(words)
