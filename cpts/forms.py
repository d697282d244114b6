"""What the administrator types to open CPTS and institutions."""

from typing import Any

from django import forms

from core.accounts.forms.people import GuestForm
from core.organisations.domain.institutions import Place, current_places
from core.organisations.enums import InstitutionKind
from core.organisations.forms.fields import current_departements, departement_choices
from core.organisations.models import Cpts, Institution
from core.territories.models import Departement

_NOTHING_LOADED = "Aucun code officiel géographique n’est chargé\u00a0: voyez le guide d’exploitation."


class PlaceField(forms.ChoiceField):
    """A région or a département of the official code, in force when the form is shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            error_messages={"invalid_choice": "Choisissez un territoire de la liste."}, **options
        )
        self._places: dict[str, Place] = {}

    def load(self) -> None:
        """Read the places that may be chosen."""
        self._places = {place.key: place for place in current_places()}
        regions = [(key, place.name) for key, place in self._places.items() if place.region_code]
        departements = [
            (key, f"{place.departement_code} – {place.name}")
            for key, place in self._places.items()
            if place.departement_code
        ]
        # A group without choices is drawn empty.
        groups = [("Régions", regions), ("Départements", departements)]
        self.choices = [("", "Choisir"), *(group for group in groups if group[1])]
        if not self._places:
            self.help_text = _NOTHING_LOADED

    def clean(self, value: Any) -> Place:
        """Return the place chosen."""
        return self._places[super().clean(value)]


class ScopeForm(forms.Form):
    """A place to put in the scope of an institution."""

    place = PlaceField(label="Région ou département")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].load()  # type: ignore[attr-defined]


class InstitutionForm(ScopeForm):
    """An institution to open, with its first place."""

    kind = forms.ChoiceField(label="Nature", choices=InstitutionKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label="Nom",
        max_length=Institution._meta.get_field("name").max_length,
        help_text="Celui que ses agents et les CPTS liront, par exemple «\u00a0CPAM de la Manche\u00a0».",
    )
    field_order = ("kind", "name", "place")

    def clean_kind(self) -> InstitutionKind:
        """Return the kind chosen."""
        return InstitutionKind(self.cleaned_data["kind"])


class OpeningForm(GuestForm):
    """A CPTS to open, and who will coordinate it."""

    name = forms.CharField(
        label="Nom de la CPTS",
        max_length=Cpts._meta.get_field("name").max_length,
        help_text="L’adresse de ses pages en est tirée, et ne changera plus.",
    )
    departement = forms.ChoiceField(
        label="Département du siège",
        error_messages={"invalid_choice": "Choisissez un département de la liste."},
    )
    field_order = ("name", "departement", "first_name", "last_name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._departements = current_departements()
        field = self.fields["departement"]
        names = {code: departement.name for code, departement in self._departements.items()}
        field.choices = [("", "Choisir"), *departement_choices(names)]  # type: ignore[attr-defined]
        if not names:
            field.help_text = _NOTHING_LOADED

    def clean_departement(self) -> Departement:
        """Return the département chosen."""
        return self._departements[self.cleaned_data["departement"]]


class SearchForm(forms.Form):
    """The words that narrow a list."""

    q = forms.CharField(
        label="Rechercher", required=False, max_length=100, widget=forms.TextInput({"type": "search"})
    )

    def words(self) -> list[str]:
        """Return the words looked for; a search gone wrong finds all."""
        self.is_valid()
        return str(self.cleaned_data.get("q", "")).split()
