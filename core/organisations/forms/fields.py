"""Fields and choices that several forms of this app ask for."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from phonenumber_field.phonenumber import PhoneNumber

from core.organisations.domain.phones import parse_phone, phone_text
from core.territories.models import Departement, Vintage


class PhoneField(forms.CharField):
    """A telephone number: typed and shown the French way, kept in the international form."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel"})
        super().__init__(**{"max_length": 40, "widget": widget, **options})

    def clean(self, value: Any) -> PhoneNumber | str:
        """Return the number, "" for none; raises ValidationError in French."""
        typed = super().clean(value)
        number = parse_phone(typed) if typed else ""
        if number is None:
            raise ValidationError(
                "Ce numéro ne peut pas être composé\u00a0: donnez dix chiffres, "
                "ou le numéro international avec son +."
            )
        return number

    def prepare_value(self, value: Any) -> Any:
        """Show a stored number as people read it, and what was typed as it was typed."""
        return phone_text(value)


def email_field() -> forms.EmailField:
    """Return the field of an address that may be missing."""
    wrong = "Cette adresse n’est pas complète\u00a0: il faut un nom, un @ et un domaine, nom@exemple.fr."
    return forms.EmailField(
        label="Adresse électronique", required=False, max_length=254, error_messages={"invalid": wrong}
    )


class RevisedForm(forms.Form):
    """A form that says on which revision of its row it is filled in."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """Return the values of a valid form, as the domain takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}

    def conflicts(self, current: Model) -> list[tuple[str, str]]:
        """Return the fields that hold now another value than the one typed: label, present value."""
        return [
            (str(self.fields[name].label), self._shown(name, getattr(current, name)))
            for name, value in self.values().items()
            if name in self.fields and value != getattr(current, name)
        ]

    def _shown(self, name: str, value: Any) -> str:
        choices = getattr(self.fields[name], "choices", ())
        labels = {} if isinstance(value, Model) else dict(choices)
        return str(labels.get(value) or phone_text(value) or "vide")


def longest_in(model: type[Model], name: str) -> int | None:
    """Return how many characters a column holds."""
    length: int | None = getattr(model._meta.get_field(name), "max_length", None)
    return length


def current_departements() -> dict[str, Departement]:
    """Return the départements of the latest official code, by code, each with its région."""
    vintage = Vintage.objects.current()
    found = Departement.objects.filter(vintage=vintage).select_related("region").order_by("code")
    return {departement.code: departement for departement in found}


def departement_choices(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return départements, by code, as lists show them: "50 – Manche"."""
    return [(code, f"{code} – {names[code]}") for code in sorted(names)]
