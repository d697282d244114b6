"""Parses what people send about territories."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from core.territories.domain.search import SearchResults, is_searchable, search_places
from core.territories.domain.selection import (
    SelectionError,
    TerritoryGroup,
    TerritorySelection,
    canonical_code,
    resolve_selection,
)
from core.territories.models import Vintage

# A page weighs little: a group of communes is listed when it is asked for, or short and chosen one by one.
_LISTED_UNASKED = 20
_EPCI, _COMMUNE = "epci", "commune"

PICKER_BUTTONS = frozenset({"ajouter", "retirer", "ouvrir", "chercher"})
"""Names of the picker's buttons: one of them in a query says that the picker itself changed."""
PICKER_FIELDS = PICKER_BUTTONS | {"epci", "communes", "recherche", "ouvert"}
"""Every name that the picker puts in its caller's form."""


@dataclass(frozen=True)
class PickedGroup:
    """A group of the territory as the picker shows it: `key` names it in the form."""

    group: TerritoryGroup
    key: str
    is_listed: bool


@dataclass(frozen=True)
class TerritoryPicker:
    """What `territories/picker.html` shows: the territory so far, what went wrong, what was searched.

    `selection` is always sound: a code that cannot be used is left out and `errors` says so.
    """

    selection: TerritorySelection
    errors: tuple[str, ...] = ()
    query: str = ""
    results: SearchResults | None = None
    opened: str = ""

    @classmethod
    def from_query(cls, parameters: QueryDict) -> "TerritoryPicker":
        """Read `epci`, `communes`, the buttons `ajouter`, `retirer` and `ouvrir`, and the field `recherche`.

        Never raises.
        """
        selection, errors = _edited(parameters)
        edits = parameters.getlist("ajouter") + parameters.getlist("retirer")
        query = "" if edits else parameters.get("recherche", "").strip()
        return cls(
            selection=selection,
            errors=tuple(errors),
            query=query,
            results=find_places(query) if query else None,
            opened=parameters.get("ouvrir", parameters.get("ouvert", "")),
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
    def groups(self) -> list[PickedGroup]:
        """The groups of the territory, each with whether its communes are listed."""
        return [self._picked(group) for group in self.selection.groups]

    def _picked(self, group: TerritoryGroup) -> PickedGroup:
        key = group.epci.code if group.epci else "hors-epci"
        few = not group.whole and len(group.communes) <= _LISTED_UNASKED
        return PickedGroup(group, key, is_listed=few or key == self.opened)


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
            [code for code in each if canonical_code(code) not in error.rejected] for each in (epci, communes)
        ]
        return resolve_selection(epci=kept[0], communes=kept[1]), error.errors


def _split(value: str) -> tuple[str, str]:
    kind, _, code = value.partition(":")
    return kind, code
