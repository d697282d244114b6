"""Where a person practises: a row for each place, the main one chosen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict

from core.organisations.domain.identifiers import clean_postal_code
from core.organisations.forms.fields import longest_in
from core.organisations.models import Cpts
from members.domain.lookups import Found, commune_text, entry_text, find_commune, find_entry
from members.domain.members import PlaceValues
from members.enums import MemberKind
from members.forms.lookups import LookupField, looked_up
from members.models import Member, PracticePlace

PREFIX = "lieux"
MAIN = "lieu-principal"
"""Name of the choice of the main place: the rank of its row."""
_BLANK_ROWS = 3
_MOST = 12
_NO_COMMUNE = (
    "Aucune commune ne porte ce nom ou ce code\u00a0: vérifiez l’orthographe, ou donnez le code postal."
)
_NO_STRUCTURE = (
    "Aucune structure du registre ne porte ce nom. Inscrivez-la d’abord, ou écrivez-le dans «\u00a0Nom du "
    "lieu\u00a0»."
)


StoredCommunes = Mapping[str, tuple[str, str]]
"""Codes and names of the communes that an entry has, by what its form shows of them."""


def _text(label: str, name: str, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(
        label=label, required=False, max_length=longest_in(PracticePlace, name), widget=widget
    )


class PlaceForm(forms.Form):
    """One place: in a structure of the registry, at an address, or both; a blank row is none."""

    structure = LookupField("Structure du registre", kind="structures")
    label = _text("Nom du lieu, s’il n’est pas au registre", "label")
    address = _text("Adresse", "address")
    postal_code = _text("Code postal", "postal_code", inputmode="numeric")
    commune = LookupField("Commune, par son nom ou son code postal", kind="communes")

    def __init__(self, *args: Any, cpts: Cpts, stored: StoredCommunes, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cpts, self.stored = cpts, stored

    def clean(self) -> dict[str, Any]:
        """Read the names typed: `structure` and `commune` become what they stand for."""
        if self.cleaned_data.get("DELETE"):
            # What is wrong in a row that goes away stops nobody.
            self.errors.clear()
            return self.cleaned_data
        for name, read in (("structure", self._structure), ("commune", self._commune)):
            try:
                self.cleaned_data[name] = read()
            except forms.ValidationError as error:
                self.add_error(name, error)
        return self.cleaned_data

    def clean_postal_code(self) -> str:
        """Return five digits, "" for none."""
        return clean_postal_code(self.cleaned_data["postal_code"])

    @property
    def is_blank(self) -> bool:
        """Whether the row says nothing, as shown."""
        return not any(self[name].value() for name in self.base_fields)

    def place(self) -> PlaceValues | None:
        """Return the place of a valid row, None for a blank one."""
        typed = self.cleaned_data
        code, name = typed.get("commune") or ("", "")
        place = PlaceValues(
            structure=typed.get("structure"),
            commune_code=code,
            commune_name=name,
            **{each: " ".join(typed.get(each, "").split()) for each in ("label", "address", "postal_code")},
        )
        if not (place.structure or place.label or place.address or place.commune_code):
            return None
        return place

    def _structure(self) -> Member | None:
        def find(typed: str) -> Found[Member]:
            return find_entry(self.cpts, MemberKind.LEGAL, typed)

        return looked_up(self, "structure", find, nothing=_NO_STRUCTURE)

    def _commune(self) -> tuple[str, str] | None:
        return read_commune(self, self.cpts, self.stored)


class BasePlaceFormSet(forms.BaseFormSet):
    """The rows; `places` gives them in order, the main one first."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """Say « Retirer ce lieu »."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Retirer ce lieu"

    def places(self) -> list[PlaceValues]:
        """Return the places of valid rows, the main one first."""
        kept = [
            (form.prefix != self.main, rank, place)
            for rank, form in enumerate(self.forms)
            if form not in self.deleted_forms and (place := form.place())
        ]
        return [place for _, _, place in sorted(kept, key=lambda each: each[:2])]

    @property
    def main(self) -> str:
        """The prefix of the row of the main place."""
        return f"{PREFIX}-{self.data.get(MAIN, '0')}"


PlaceFormSet = forms.formset_factory(
    PlaceForm,
    formset=BasePlaceFormSet,
    extra=_BLANK_ROWS,
    can_delete=True,
    max_num=_MOST,
    absolute_max=_MOST + 5,
    validate_max=True,
)


def place_formset(data: QueryDict | None, *, cpts: Cpts, places: Sequence[PlaceValues]) -> BasePlaceFormSet:
    """Return the rows of these places, or what was typed over them."""
    stored = stored_communes((place.commune_code, place.commune_name) for place in places)
    # A row that is sent is compared with nothing: what it says is where the person practises.
    initial = [_initial(place) for place in places] if data is None else []
    rows = PlaceFormSet(data, prefix=PREFIX, initial=initial, form_kwargs={"cpts": cpts, "stored": stored})
    return cast("BasePlaceFormSet", rows)


def stored_communes(communes: Iterable[tuple[str, str]]) -> StoredCommunes:
    """Return communes, each given by its code and name, by what a form shows of them."""
    return {commune_text(name, code): (code, name) for code, name in communes if code}


def read_commune(form: forms.Form, cpts: Cpts, stored: StoredCommunes) -> tuple[str, str] | None:
    """Return the code and the name of the commune typed; one that was stored stays, were it gone since."""
    if (typed := form.cleaned_data.get("commune", "")) in stored:
        return stored[typed]
    found = looked_up(
        form, "commune", lambda typed: find_commune(typed, cpts.departement_code), nothing=_NO_COMMUNE
    )
    return (found.code, found.name) if found else None


def _initial(place: PlaceValues) -> dict[str, Any]:
    return {
        "structure": entry_text(place.structure) if place.structure else "",
        "label": place.label,
        "address": place.address,
        "postal_code": place.postal_code,
        "commune": commune_text(place.commune_name, place.commune_code),
    }
