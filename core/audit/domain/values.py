"""Values of the journal as people read them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber
from stdnum.fr import siret

from core.audit.words import field_of
from core.ui.formatting import euros, long_date, moment, number, percent

NOTHING = "vide"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_NAMING = {"number", "year"}
"""Fields whose whole numbers name something and count nothing: they are read in one piece."""
Named = dict[tuple[type[models.Model], Any], str]


def names_of(told: Iterable[tuple[str, Mapping[str, Any]]]) -> Named:
    """Return the names of the objects that changes point to: one query per model.

    In: the kind of object of each entry, with its changes.
    """
    wanted: dict[type[models.Model], set[Any]] = {}
    for target_type, changes in told:
        for name, pair in _pairs(changes).items():
            field = field_of(target_type, name)
            if isinstance(field, models.ForeignKey):
                wanted.setdefault(field.related_model, set()).update(_keys(pair))
    return {
        (model, found.pk): _name(found)
        for model, keys in wanted.items()
        for found in model._default_manager.in_bulk(keys).values()
    }


def _keys(pair: Iterable[Any]) -> set[int]:
    return {value for value in pair if isinstance(value, int)}


def _name(found: models.Model) -> str:
    # A person is named by the address that whoever wrote the entry knew: their name is theirs to give.
    return str(getattr(found, "email", found)) if isinstance(found, get_user_model()) else str(found)


def _pairs(changes: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    """Return the changes that have the shape of a change."""
    return {name: pair for name, pair in changes.items() if isinstance(pair, list) and len(pair) == 2}


def readable(field: Any, value: Any, named: Named) -> str:
    """Return a value of a change in French; `field` is None for what is no field of a model."""
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(field, models.ForeignKey):
        return named.get((field.related_model, value), f"n°\u00a0{value}")
    if getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    try:
        return _by_kind(field, value)
    except (ValueError, TypeError, InvalidOperation):
        return str(value)


def _by_kind(field: Any, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}\u00a0: {_plain(each)}" for name, each in value.items())
    for kind, write in _WRITERS:
        if isinstance(field, kind):
            return write(field, value)
    name = getattr(field, "name", "")
    if name in _NAMING:
        return str(value)
    return siret.format(value) if name == "siret" else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list | dict):
        return _by_kind(None, value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return long_date(date.fromisoformat(value))
    if isinstance(value, str) and _FINGERPRINT.fullmatch(value):
        return f"{value[:12]}…"
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _amount(field: Any, value: Any) -> str:
    amount, name = Decimal(str(value)), str(field.verbose_name)
    if "euros" in name:
        return euros(amount)
    return percent(amount) if name.startswith("taux") else number(amount)


_WRITERS: tuple[tuple[type, Any], ...] = (
    (models.DateTimeField, lambda _, value: moment(datetime.fromisoformat(value))),
    (models.DateField, lambda _, value: long_date(date.fromisoformat(value))),
    (models.DecimalField, _amount),
    (PhoneNumberField, lambda _, value: PhoneNumber.from_string(value).as_national),
)
"""How each kind of field is written; a date and time is a date too: the narrower kind comes first."""
