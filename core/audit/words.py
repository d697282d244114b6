"""French words of the journal, which each app that records gives in its `journal.py`.

ACTIONS tells what each action says of who did it. FIELDS names what actions record beside the fields of a
model, by "<app>.<model>.<name>". VALUES gives the words of a field's codes, by the same key.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.module_loading import module_has_submodule


@cache
def action_words() -> dict[str, str]:
    """Return what each action says of who did it: "accounts.role_given" -> « a confié un rôle »."""
    return _gathered("ACTIONS")


@cache
def _field_words() -> dict[str, str]:
    return _gathered("FIELDS")


@cache
def _value_words() -> dict[str, Mapping[str, str]]:
    return _gathered("VALUES")


def value_words(target_type: str, name: str) -> Mapping[str, str]:
    """Return the words of the codes of a field, empty for a field without codes of its app's own."""
    return _value_words().get(f"{target_type}.{name}", {})


def words_of(action: str) -> str:
    """Return what an action says; one that nobody gave words to is told by its verb, still readable."""
    return action_words().get(action) or f"a fait\u00a0: {_spaced(action.rpartition('.')[2])}"


def object_words(target_type: str) -> str:
    """Return the name of a kind of object, by its label ("organisations.cpts"), a former one included."""
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return _spaced(target_type.rpartition(".")[2])


def field_words(target_type: str, name: str) -> str:
    """Return the name of a field, or of what an action records beside them (FIELDS of `journal.py`)."""
    given = _field_words().get(f"{target_type}.{name}")
    field = None if given else field_of(target_type, name)
    return given or (str(field.verbose_name) if field is not None else _spaced(name))


def field_of(target_type: str, name: str) -> Any:
    """Return the field of a model, None when there is none such (any more)."""
    try:
        return apps.get_model(target_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def _gathered(name: str) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "journal"):
            words |= getattr(import_module(f"{config.name}.journal"), name, {})
    return words


def _spaced(name: str) -> str:
    return name.replace("_", " ")
