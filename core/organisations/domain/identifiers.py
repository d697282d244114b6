"""Official numbers of an association, as people type them (domain reference, section 9)."""

import re

from django.core.exceptions import ValidationError
from stdnum.exceptions import ValidationError as InvalidNumberError
from stdnum.fr import siret

_PADDING = re.compile(r"[\s.\-_/]+")
_RNA = re.compile(r"W[0-9]{9}\Z")
_RNA_SHAPE = (
    "Un numéro RNA est un W suivi de neuf chiffres, par exemple W502001234\u00a0: "
    "il est sur le récépissé de la préfecture."
)
_FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}\Z")
_FINESS_SHAPE = "Un numéro FINESS compte neuf chiffres (2A ou 2B au début en Corse), par exemple 500012345."


def clean_siret(typed: str) -> str:
    """Return the 14 digits of a SIRET, "" for none; its key is checked, La Poste's own rule included.

    Raises ValidationError with a French sentence.
    """
    number = _compact(typed)
    if number and not (len(number) == 14 and number.isascii() and number.isdecimal()):
        raise ValidationError(
            "Un SIRET compte quatorze chiffres, par exemple 732\u00a0829\u00a0320\u00a000074."
            f" Vous en avez donné {_count(number)}."
        )
    if number and not _has_right_key(number):
        raise ValidationError(
            "Ce SIRET a une clé fausse\u00a0: un chiffre est mal recopié. "
            "Comparez-le à l’avis de situation de l’INSEE."
        )
    return number


def clean_rna(typed: str) -> str:
    """Return an RNA number, W and nine digits, "" for none; raises ValidationError with a French sentence."""
    return _shaped(typed, _RNA, _RNA_SHAPE)


def clean_finess(typed: str) -> str:
    """Return a FINESS number, nine characters, "" for none; raises ValidationError with a French sentence."""
    return _shaped(typed, _FINESS, _FINESS_SHAPE)


def clean_postal_code(typed: str) -> str:
    """Return the five digits of a postal code, "" for none; raises ValidationError with a French sentence."""
    code = typed.strip()
    if code and not (len(code) == 5 and code.isascii() and code.isdecimal()):
        raise ValidationError("Un code postal compte cinq chiffres, par exemple 50400.")
    return code


def spaced_siret(number: str) -> str:
    """Return a SIRET as people read it: 73282932000074 -> "732 829 320 00074"."""
    parts = (number[:3], number[3:6], number[6:9], number[9:])
    return "\u00a0".join(part for part in parts if part)


def _shaped(typed: str, shape: re.Pattern[str], sentence: str) -> str:
    number = _compact(typed)
    if number and not shape.match(number):
        raise ValidationError(sentence)
    return number


def _compact(typed: str) -> str:
    return _PADDING.sub("", typed).upper()


def _count(number: str) -> str:
    return f"{len(number)}" if number.isdecimal() else f"{len(number)}, dont des lettres"


def _has_right_key(number: str) -> bool:
    try:
        siret.validate(number)
    except InvalidNumberError:
        return False
    return True
