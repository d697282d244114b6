"""What a reviewer looks for among the CPTS of their scope: it all lives in the address."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from core.organisations.enums import Stage
from cpts.reviewed.rows import ReviewedOrder, Wanted

Choice = tuple[str, str]
_FIELDS = ("recherche", "etape", "departement", "tri")


@dataclass(frozen=True)
class Chip:
    """A filter at work: what it says, and the query of the list without it."""

    label: str
    without: str


class ReviewedForm(forms.Form):
    """The search, the filters and the order of the list; a value that means nothing is told and left out."""

    recherche = forms.CharField(
        label="Nom de la CPTS ou d’une commune",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    etape = forms.ChoiceField(label="Étape", required=False)
    departement = forms.ChoiceField(label="Département du siège", required=False)
    tri = forms.ChoiceField(label="Trier par", required=False, choices=ReviewedOrder.choices)

    def __init__(self, query: QueryDict, *, departements: Iterable[Choice]) -> None:
        """Bind to the address' query; `departements` are those of the scope, code then name."""
        super().__init__(query)
        self._offer("etape", [("", "Toutes"), *Stage.choices])
        self._offer("departement", [("", "Tous"), *departements])
        self.is_valid()

    def _offer(self, name: str, choices: list[Choice]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def wanted(self) -> Wanted:
        """What to look for."""
        return Wanted(
            search=self._value("recherche"),
            stage=self._value("etape"),
            departement=self._value("departement"),
            order=ReviewedOrder(self._value("tri") or ReviewedOrder.STAGE),
        )

    @property
    def query(self) -> str:
        """The canonical query of this list, without a page."""
        return self._query_without("")

    @property
    def chips(self) -> list[Chip]:
        """The filters at work, the order left out."""
        labels = {"recherche": f"«\u00a0{self._value('recherche')}\u00a0»"}
        for name in ("etape", "departement"):
            offered = cast("forms.ChoiceField", self.fields[name]).choices
            labels[name] = str(dict(cast("list[Choice]", offered)).get(self._value(name), ""))
        return [Chip(labels[name], self._query_without(name)) for name in labels if self._value(name)]

    def query_of_stage(self, stage: str) -> str:
        """Return the query of this list at one stage."""
        return "&".join(filter(None, [self._query_without("etape"), urlencode({"etape": stage})]))

    def _query_without(self, left_out: str) -> str:
        kept = {name: self._value(name) for name in _FIELDS if name != left_out}
        return urlencode({name: value for name, value in kept.items() if value})

    def _value(self, name: str) -> str:
        return str(self.cleaned_data.get(name, ""))
