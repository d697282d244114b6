"""Parses what people send about territories."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from core.territories.domain.search import SearchResults, is_searchable, search_places
from core.territories.domain.selection import (
    Distance,
    SelectionError,
    TerritorySelection,
    distances,
    resolve_selection,
)
from core.territories.models import Vintage

# Beyond, the page lists the EPCI only: a whole département would weigh hundreds of kilobytes.
_LISTED_COMMUNES = 100
_EPCI, _COMMUNE = "epci", "commune"


@dataclass(frozen=True)
class TerritoryPicker:
    """What `territories/picker.html` shows: the territory so far, what went wrong, what was searched.

    `selection` is always sound: a code that cannot be used is left out and `errors` says so.
    """

    selection: TerritorySelection
    errors: tuple[str, ...] = ()
    query: str = ""
    results: SearchResults | None = None
    distances: tuple[Distance, ...] = ()

    @classmethod
    def from_query(cls, parameters: QueryDict, *, thresholds: Sequence[int] = ()) -> "TerritoryPicker":
        """Read `epci`, `communes`, the buttons `ajouter` and `retirer`, and the field `recherche`.

        Never raises. `thresholds` are populations whose distance is worth showing.
        """
        selection, errors = _edited(parameters)
        edits = parameters.getlist("ajouter") + parameters.getlist("retirer")
        query = "" if edits else parameters.get("recherche", "").strip()
        return cls(
            selection=selection,
            errors=tuple(errors),
            query=query,
            results=find_places(query) if query else None,
            distances=tuple(distances(selection.population, thresholds)) if selection else (),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no commune is chosen."""
        return not self.selection

    @property
    def codes(self) -> dict[str, list[str]]:
        """The canonical codes, as `resolve_selection` takes them."""
        return {"epci": list(self.selection.epci_codes), "communes": list(self.selection.commune_codes)}

    def canonical_items(self) -> list[tuple[str, str]]:
        """Return the query parameters that ask for this territory again, none for an empty one."""
        return [(name, ",".join(codes)) for name, codes in self.codes.items() if codes]

    @property
    def too_short(self) -> bool:
        """Whether the query has too few letters to be searched."""
        return not is_searchable(self.query)

    @property
    def lists_communes(self) -> bool:
        """Whether the territory is small enough for the page to name each commune."""
        return len(self.selection.communes) <= _LISTED_COMMUNES


class SpreadsheetForm(forms.Form):
    """The spreadsheet of communes a person sends."""

    fichier = forms.FileField(
        label="Fichier des communes",
        help_text=(
            "Classeur .xlsx ou .ods, ou fichier .csv, de 5\u00a0Mo au plus, avec une colonne de codes INSEE "
            "ou de noms de communes. Les colonnes département, code postal et EPCI servent si elles existent."
        ),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv,.txt"}),
    )


def codes(parameters: QueryDict, name: str) -> list[str]:
    """Return the comma-separated codes of parameter `name`, repeated parameters joined."""
    return [code for value in parameters.getlist(name) for code in value.split(",") if code.strip()]


def selection_from_query(parameters: QueryDict) -> TerritorySelection:
    """Return the territory asked for by `epci` and `communes`; raises SelectionError."""
    return resolve_selection(epci=codes(parameters, "epci"), communes=codes(parameters, "communes"))


def find_places(query: str) -> SearchResults:
    """Search the latest vintage; nothing is found when none is loaded."""
    vintage = Vintage.objects.current()
    return search_places(query, vintage) if vintage else SearchResults()


def _edited(parameters: QueryDict) -> tuple[TerritorySelection, list[str]]:
    epci, communes = codes(parameters, "epci"), codes(parameters, "communes")
    added = [_split(value) for value in parameters.getlist("ajouter")]
    selection, errors = _tolerant(
        [*epci, *(code for kind, code in added if kind == _EPCI)],
        [*communes, *(code for kind, code in added if kind == _COMMUNE)],
    )
    if errors and added:
        # The addition is refused: the territory stays as it was.
        selection, former_errors = _tolerant(epci, communes)
        errors = [*errors, *(error for error in former_errors if error not in errors)]
    for kind, code in map(_split, parameters.getlist("retirer")):
        selection = selection.without(**{kind: code}) if kind in {_EPCI, _COMMUNE} and code else selection
    return selection, errors


def _tolerant(epci: Sequence[str], communes: Sequence[str]) -> tuple[TerritorySelection, list[str]]:
    """Resolve what can be, with the reasons why the rest cannot."""
    try:
        return resolve_selection(epci=epci, communes=communes), []
    except SelectionError as error:
        if not error.rejected:
            return TerritorySelection(vintage=None), error.errors
        kept = [
            [code for code in each if code.strip().upper() not in error.rejected] for each in (epci, communes)
        ]
        return resolve_selection(epci=kept[0], communes=kept[1]), error.errors


def _split(value: str) -> tuple[str, str]:
    kind, _, code = value.partition(":")
    return kind, code
