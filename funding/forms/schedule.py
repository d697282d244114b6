"""What somebody wants to see of a schedule, as the address of the page says it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django import forms

from funding.domain.followed_lines import URGENCY, FollowedLine
from funding.engine import Share
from funding.enums import SHARE_LABELS

Choices = Iterable[tuple[str, str]]

_VALUES: dict[str, Callable[[FollowedLine], str]] = {
    "annee": lambda line: str(line.contract_year),
    "civile": lambda line: str(line.due_on.year),
    "mission": lambda line: line.mission,
    "part": lambda line: line.share.value,
    "etat": lambda line: line.state.value,
}
"""What each filter compares of a line."""


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it keeps, and the query of the page without it."""

    label: str
    without: str


class ScheduleFilter(forms.Form):
    """The lines to keep, by contract year, civil year, mission, share and state.

    Choices are those of the schedule shown: anything else is refused, so that nobody takes for the whole
    what is only a part, or the reverse.
    """

    annee = forms.ChoiceField(label="Année de contrat", required=False)
    civile = forms.ChoiceField(label="Année civile", required=False)
    mission = forms.ChoiceField(label="Mission", required=False)
    part = forms.ChoiceField(label="Part", required=False)
    etat = forms.ChoiceField(label="État", required=False)

    def __init__(self, data: Mapping[str, Any], *, lines: Sequence[FollowedLine], contract_id: int) -> None:
        super().__init__(data)
        self.lines = lines
        self.contract_id = contract_id
        for name, choices in _choices(lines).items():
            field = cast("forms.ChoiceField", self.fields[name])
            field.choices = [("", "Toutes" if name != "etat" else "Tous"), *choices]
            field.error_messages["invalid_choice"] = "Ce choix n’existe pas dans cet échéancier."

    @property
    def chosen(self) -> dict[str, str]:
        """The filters in force, those that were refused left out."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}

    @property
    def kept(self) -> list[FollowedLine]:
        """The lines that every filter in force keeps, in order."""
        chosen = self.chosen
        return [
            line for line in self.lines if all(_VALUES[name](line) == value for name, value in chosen.items())
        ]

    @property
    def query(self) -> str:
        """The address' query in its canonical form, the contract included."""
        return self._query(self.chosen)

    @property
    def blank_query(self) -> str:
        """The query of the whole schedule of the contract."""
        return self._query({})

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the way to take it off."""
        chosen = self.chosen
        return [
            Chip(
                f"{self.fields[name].label}\u00a0: {self._label(name, value)}",
                self._query({other: kept for other, kept in chosen.items() if other != name}),
            )
            for name, value in chosen.items()
        ]

    def _query(self, chosen: Mapping[str, str]) -> str:
        return urlencode({"contrat": self.contract_id, **chosen})

    def _label(self, name: str, value: str) -> str:
        field = cast("forms.ChoiceField", self.fields[name])
        return str(dict(field.choices)[value])  # type: ignore[arg-type]


def _choices(lines: Sequence[FollowedLine]) -> dict[str, Choices]:
    shares = {line.share for line in lines}
    states = {line.state for line in lines}
    return {
        "annee": [(str(number), f"Année {number}") for number in sorted({ln.contract_year for ln in lines})],
        "civile": [(str(year), str(year)) for year in sorted({line.due_on.year for line in lines})],
        "mission": {line.mission: line.mission_label for line in lines}.items(),
        "part": [(share.value, SHARE_LABELS[share]) for share in Share if share in shares],
        "etat": [(state.value, state.label) for state in URGENCY if state in states],
    }
