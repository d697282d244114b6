"""Numbers of health professionals, as people type them (domain reference, section 9)."""

import re

from django.core.exceptions import ValidationError
from stdnum import luhn

_PADDING = re.compile(r"[\s.\-_/]+")
_RPPS = re.compile(r"[0-9]{11}\Z")
_ADELI = re.compile(r"[0-9A-Z]{9}\Z")


def clean_rpps(typed: str) -> str:
    """Return the 11 digits of an RPPS number, "" for none; raises ValidationError with a French sentence.

    Its key is not asked to be right: `has_right_rpps_key` tells, a warning follows.
    """
    number = _PADDING.sub("", typed)
    if number and not _RPPS.match(number):
        raise ValidationError(
            "Un numéro RPPS compte onze chiffres, par exemple 10003456786. "
            "Laissez vide pour qui n’en a pas\u00a0: aide-soignant, ambulancier…"
        )
    return number


def has_right_rpps_key(number: str) -> bool:
    """Return whether the last digit of an RPPS number is the key of the others (Luhn); "" has no fault."""
    return not number or luhn.is_valid(number)


def clean_adeli(typed: str) -> str:
    """Return a former ADELI number, nine characters, "" for none; raises ValidationError in French."""
    number = _PADDING.sub("", typed).upper()
    if number and not _ADELI.match(number):
        raise ValidationError("Un ancien numéro ADELI compte neuf caractères.")
    return number
