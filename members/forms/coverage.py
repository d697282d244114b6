"""What is looked for among the professionals in practice: it all lives in the address."""

from collections.abc import Sequence
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from core.ui.folding import fold
from members.domain.coverage import Coverage, Practitioner, activity_label, epci_of, matching

_LONGEST_SEARCH = 60
Choice = tuple[str, str]


def _choice(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "Toutes")])


class PlaceFilter(forms.Form):
    """An EPCI and a commune of the territory; what is of no territory of ours narrows nothing."""

    epci = _choice("Intercommunalité")
    commune = _choice("Commune")

    def __init__(self, query: QueryDict, coverage: Coverage) -> None:
        """Bind to the query of the address."""
        super().__init__(query)
        self.coverage = coverage
        self._offer("epci", list(coverage.epcis.items()))
        self._offer("commune", [(each.code, each.name) for each in coverage.communes])
        self.offer_more()
        self.is_valid()

    def offer_more(self) -> None:
        """Offer the choices of other fields."""

    @property
    def narrowed(self) -> Coverage:
        """The coverage in the communes that are asked for."""
        epci, commune = self.value("epci"), self.value("commune")
        codes = {
            each.code
            for each in self.coverage.communes
            if (not epci or epci_of(each) == epci) and commune in ("", each.code)
        }
        return self.coverage.within(codes) if epci or commune else self.coverage

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What each filter at work says, and the query without it."""
        return [(self._told(name), self._query_without(name)) for name in self.fields if self.value(name)]

    @property
    def query(self) -> str:
        """The canonical query, without a page."""
        return self._query_without("")

    def value(self, name: str) -> str:
        """Return what a field asks for, "" for nothing, or for what means nothing."""
        return str(self.cleaned_data.get(name) or "")

    def _offer(self, name: str, choices: Sequence[Choice]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [("", "Toutes"), *choices]

    def _query_without(self, left_out: str) -> str:
        kept = {name: self.value(name) for name in self.fields if name != left_out}
        return urlencode({name: value for name, value in kept.items() if value})

    def _told(self, name: str) -> str:
        value = self.value(name)
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return dict(cast("list[Choice]", field.choices))[value]
        return f"«\u00a0{value}\u00a0»"


class MissingFilter(PlaceFilter):
    """Who is missing: by name or structure, profession, EPCI and commune."""

    field_order = ("recherche", "profession", "epci", "commune")
    recherche = forms.CharField(
        label="Nom ou structure",
        required=False,
        max_length=_LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    profession = _choice("Profession")

    def offer_more(self) -> None:
        """Offer the activities of the territory."""
        labels = {activity: activity_label(activity) for activity in self.coverage.by_activity}
        self._offer("profession", sorted(labels.items(), key=lambda choice: fold(choice[1])))

    @property
    def found(self) -> list[Practitioner]:
        """Those who are missing and asked for, by name."""
        activity, words = self.value("profession"), self.value("recherche")
        people = [each for each in self.narrowed.missing if activity in ("", each.activity)]
        return list(matching(people, words)) if words else people
