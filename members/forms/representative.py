"""Who speaks for a structure from a day on."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.organisations.forms.fields import email_field, longest_in
from core.ui.fields import day_field
from members.domain.lookups import Found, find_entry
from members.domain.representatives import RepresentativeValues
from members.enums import MemberKind
from members.forms.lookups import LookupField, looked_up
from members.models import Member, Representative

_NOBODY = (
    "Personne ne porte ce nom au registre\u00a0: vérifiez l’orthographe, ou écrivez-le dans la case suivante."
)


def _text(label: str, name: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=longest_in(Representative, name), **options
    )


class RepresentativeForm(forms.Form):
    """Somebody of the registry, or a name; and since when."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    person = LookupField("Personne du registre", kind="people", help_text="Tapez son nom.")
    name = _text("Ou son nom, si elle n’est pas au registre", "name")
    capacity = _text("Qualité", "capacity", help_text="Par exemple gérante, directeur, présidente.")
    email = email_field()
    starts_on = day_field(
        "Représente la structure depuis le",
        help_text="La représentation précédente s’arrête la veille.",
        error_messages={
            "required": "Donnez le jour depuis lequel cette personne représente la structure.",
            "invalid": "Cette date n’existe pas\u00a0: écrivez-la sous la forme 31/01/2026.",
        },
    )

    def __init__(self, data: QueryDict | None, *, structure: Member, now: Representative | None) -> None:
        super().__init__(data, initial={"seen": now.pk if now else None})
        self.structure = structure

    def clean(self) -> dict[str, Any]:
        """Read who is meant: one of the two, not both."""
        data = super().clean() or self.cleaned_data
        if data.get("person") and data.get("name"):
            self.add_error("name", "Choisissez une personne du registre ou écrivez un nom, pas les deux.")
            return data
        try:
            data["person"] = looked_up(self, "person", self._find, nothing=_NOBODY)
        except ValidationError as error:
            self.add_error("person", error)
            return data
        if not data["person"] and not data.get("name") and "name" not in self.errors:
            self.add_error("person", "Choisissez une personne du registre, ou écrivez un nom.")
        return data

    def values(self) -> RepresentativeValues:
        """Return the values of a valid form, as the domain takes them."""
        return RepresentativeValues(
            **{name: self.cleaned_data[name] for name in ("person", "name", "capacity", "email")}
        )

    @property
    def starts_on_day(self) -> date:
        """The day of a valid form."""
        day: date = self.cleaned_data["starts_on"]
        return day

    def on(self, now: Representative | None) -> "RepresentativeForm":
        """Return the form as typed, over the representative the structure has now."""
        typed = QueryDict(mutable=True)
        typed.update(dict(self.data.items()) | {"seen": str(now.pk) if now else ""})
        return RepresentativeForm(typed, structure=self.structure, now=now)

    def _find(self, typed: str) -> Found[Member]:
        return find_entry(self.structure.cpts, MemberKind.NATURAL, typed)
