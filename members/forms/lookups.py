"""Fields in which one types the name of a commune or of an entry of the registry.

The name is read when the form is sent, with or without scripts. What may stand for several things comes back
with a choice beside it, named `<field>_choice`.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from core.territories.models import Commune
from members.domain.lookups import Found, commune_text, entry_text
from members.models import Member

Thing = TypeVar("Thing", Commune, Member)
_LONGEST = 200
_ONE = "Est-ce bien ce que vous vouliez dire\u00a0? Choisissez-le, ou précisez."
_SEVERAL = "Plusieurs réponses sont possibles\u00a0: choisissez la bonne, ou précisez."


class LookupField(forms.CharField):
    """A name typed; `kind` is that of the suggestions that come as one types (`_suggestions_of.html`)."""

    def __init__(self, label: str, *, kind: str, **options: Any) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "list": f"suggestions-{kind}"}
        widget = forms.TextInput(attrs=attrs)
        super().__init__(label=label, required=False, max_length=_LONGEST, widget=widget, **options)


def key_of(thing: Commune | Member) -> str:
    """Return the code of a commune, or the number of an entry."""
    return thing.code if isinstance(thing, Commune) else str(thing.number)


def text_of(thing: Commune | Member) -> str:
    """Return how a choice, or the field, names a thing."""
    return commune_text(thing.name, thing.code) if isinstance(thing, Commune) else entry_text(thing)


def looked_up(
    form: forms.Form, name: str, find: Callable[[str], Found[Thing]], *, nothing: str
) -> Thing | None:
    """Return what the field `name` of a form being cleaned stands for, None for nothing typed.

    Raises ValidationError with the sentence `nothing` when it stands for nothing, and when it is not sure:
    the form then has the field of the choice.
    """
    typed = form.cleaned_data.get(name, "")
    if not typed:
        return None
    found = find(typed)
    if found.exact is not None:
        return found.exact
    if not found.near:
        raise ValidationError(nothing)
    _offer(form, name, found.near)
    chosen = form.data.get(form.add_prefix(f"{name}_choice"))
    for thing in found.near:
        if key_of(thing) == chosen:
            return thing
    raise ValidationError(_SEVERAL if len(found.near) > 1 else _ONE)


def _offer(form: forms.Form, name: str, near: Iterable[Commune | Member]) -> None:
    form.fields[f"{name}_choice"] = forms.ChoiceField(
        label="Vous vouliez dire",
        required=False,
        choices=[(key_of(thing), _told(thing)) for thing in near],
        widget=forms.RadioSelect,
    )


def _told(thing: Commune | Member) -> str:
    if isinstance(thing, Commune):
        return f"{text_of(thing)}, {thing.departement.name}"
    return f"{text_of(thing)}, {thing.commune_name}" if thing.commune_name else text_of(thing)
