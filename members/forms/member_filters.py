"""What is looked for in a registry, in what order and under which columns: it all lives in the address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from core.organisations.models import TerritoryCommune
from core.ui.folding import fold
from core.ui.formatting import long_date
from members.domain.list_columns import DEFAULT_COLUMNS, LIST_COLUMNS
from members.domain.listing import EVERY_MEMBER, MemberOrder, Wanted
from members.enums import (
    DoctorKind,
    ExerciseMode,
    MemberCategory,
    MemberKind,
    MemberStatus,
    Participation,
    Profession,
    StructureKind,
)
from members.models import VotingCollege

Choice = tuple[str, str]
OUTSIDE, NOWHERE = "hors", "aucune"
_COLUMNS = "colonnes"
# Longer, a list could no longer be saved under a name.
_LONGEST_SEARCH = 60
_GROUPS: tuple[tuple[str, tuple[Profession, ...]], ...] = (
    (
        "Professions médicales et pharmacie",
        (
            Profession.DOCTOR,
            Profession.DENTIST,
            Profession.MIDWIFE,
            Profession.PHARMACIST,
            Profession.PHARMACY_TECHNICIAN,
            Profession.HOSPITAL_PHARMACY_TECHNICIAN,
            Profession.DENTAL_ASSISTANT,
        ),
    ),
    (
        "Soins infirmiers",
        (
            Profession.NURSE,
            Profession.PSYCHIATRIC_NURSE,
            Profession.NURSING_ASSISTANT,
            Profession.CHILDCARE_ASSISTANT,
            Profession.AMBULANCE_DRIVER,
        ),
    ),
    (
        "Rééducation, psychologie et nutrition",
        (
            Profession.PHYSIOTHERAPIST,
            Profession.SPEECH_THERAPIST,
            Profession.ORTHOPTIST,
            Profession.PODIATRIST,
            Profession.OCCUPATIONAL_THERAPIST,
            Profession.PSYCHOMOTOR_THERAPIST,
            Profession.DIETITIAN,
            Profession.PSYCHOLOGIST,
        ),
    ),
    (
        "Action sociale",
        (
            Profession.SOCIAL_WORKER,
            Profession.SPECIAL_EDUCATOR,
            Profession.HOME_HELPER,
            Profession.FAMILY_SUPPORT_WORKER,
            Profession.FAMILY_ECONOMY_ADVISER,
        ),
    ),
)
_LAST_GROUP = "Appareillage, imagerie et laboratoire"


@dataclass(frozen=True)
class Chip:
    """A filter at work: what it says, and the query of the list without it."""

    label: str
    without: str


def profession_choices() -> list[tuple[str, list[Choice]]]:
    """Return the professions by family, each by label: what a list of thirty-five needs to be read."""
    grouped = {profession for _, professions in _GROUPS for profession in professions}
    last = tuple(profession for profession in Profession if profession not in grouped)
    return [(name, _by_label(professions)) for name, professions in (*_GROUPS, (_LAST_GROUP, last))]


def _by_label(professions: Iterable[Profession]) -> list[Choice]:
    choices = [(str(each.value), str(each.label)) for each in professions]
    return sorted(choices, key=lambda choice: fold(choice[1]))


def _choice(label: str, choices: Sequence[Any], any_label: str = "Toutes") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", any_label), *choices])


class MemberFilterForm(forms.Form):
    """The search, the filters, the order and the columns; a value that means nothing is told and left out."""

    recherche = forms.CharField(
        label="Nom, profession, structure ou commune",
        required=False,
        max_length=_LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    situation = _choice(
        "Situation", [(EVERY_MEMBER, "Membres, suspendus compris"), *MemberStatus.choices], "Tout le registre"
    )
    au = forms.DateField(
        label="Situation au",
        required=False,
        help_text="Laissez vide pour aujourd’hui.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Donnez une date qui existe."},
    )
    personne = _choice("Personne", MemberKind.choices)
    profession = _choice("Profession", profession_choices())
    medecine = _choice("Médecine", DoctorKind.choices)
    exercice = _choice("Mode d’exercice", ExerciseMode.choices, "Tous")
    nature = _choice("Nature de structure", StructureKind.choices)
    categorie = _choice("Catégorie", MemberCategory.choices)
    college = _choice("Collège", (), "Tous")
    commune = _choice("Commune", ())
    epci = _choice("Intercommunalité", ())
    structure = forms.CharField(
        label="Structure d’exercice",
        required=False,
        max_length=_LONGEST_SEARCH,
        help_text="Le début de son nom, ou son numéro au registre.",
    )
    participation = _choice("Participation", Participation.choices)
    gouvernance = _choice(
        "Gouvernance", [("oui", "Y participe"), ("non", "N’y participe pas")], "Indifférente"
    )
    courriel = _choice(
        "Adresse électronique", [("sans", "Sans adresse"), ("avec", "Avec adresse")], "Indifférente"
    )
    tri = forms.ChoiceField(label="Trier par", required=False, choices=MemberOrder.choices)
    colonnes = forms.MultipleChoiceField(
        label="Colonnes, après le nom",
        required=False,
        choices=[(column.name, column.label) for column in LIST_COLUMNS.values()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        query: QueryDict,
        *,
        communes: Sequence[TerritoryCommune],
        colleges: Iterable[VotingCollege],
        today: date,
    ) -> None:
        """Bind to the address' query; communes are those of today's territory, colleges those of the CPTS."""
        super().__init__(_spread(query))
        self.today, self.communes = today, communes
        self._offer("college", [(str(each.pk), each.name) for each in colleges])
        rest = [(OUTSIDE, "Hors du territoire"), (NOWHERE, "Sans commune")]
        self._offer("commune", [*rest, *((each.code, each.name) for each in communes)])
        self._offer("epci", sorted({(each.epci_code, each.epci_name) for each in communes if each.epci_code}))
        self.is_valid()

    def _offer(self, name: str, choices: Sequence[Choice]) -> None:
        field = cast("forms.ChoiceField", self.fields[name])
        anything = list(cast("list[Choice]", field.choices))[:1]
        field.choices = [*anything, *choices]

    @property
    def day(self) -> date:
        """The day of which situations are told."""
        return self.cleaned_data.get("au") or self.today

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to show after the name, in their usual order."""
        return tuple(self.cleaned_data.get(_COLUMNS) or DEFAULT_COLUMNS)

    @property
    def headers(self) -> list[str]:
        """The headers of these columns."""
        return [LIST_COLUMNS[name].label for name in self.columns]

    @property
    def order(self) -> MemberOrder:
        """The order asked for."""
        return MemberOrder(self._value("tri") or MemberOrder.NAME)

    @property
    def wanted(self) -> Wanted:
        """What to look for."""
        college = self._value("college")
        communes, outside = self._communes()
        return Wanted(
            day=self.day,
            search=self._value("recherche"),
            status=self._value("situation"),
            kind=self._value("personne"),
            profession=self._value("profession"),
            doctor_kind=self._value("medecine"),
            exercise_mode=self._value("exercice"),
            structure_kind=self._value("nature"),
            category=self._value("categorie"),
            college=int(college) if college else None,
            participation=self._value("participation"),
            in_governance={"oui": True, "non": False}.get(self._value("gouvernance")),
            has_email={"avec": True, "sans": False}.get(self._value("courriel")),
            structure=self._value("structure"),
            communes=communes,
            outside=outside,
        )

    @property
    def query(self) -> str:
        """The canonical query of this list, without a page."""
        return self.query_without()

    @property
    def chips(self) -> list[Chip]:
        """The filters at work: order and columns narrow nothing."""
        return [
            Chip(self._told(name), self.query_without(name))
            for name in self.fields
            if name not in ("tri", _COLUMNS) and self._value(name)
        ]

    def query_without(self, *left_out: str) -> str:
        """Return the canonical query of this list without some of its parameters."""
        kept = {name: self._value(name) for name in self.fields if name not in left_out}
        return urlencode({name: value for name, value in kept.items() if value}, safe=",")

    def hidden(self, *shown: str) -> list[Choice]:
        """Return the parameters to keep beside a form that shows these ones."""
        return [(name, value) for name in self.fields if name not in shown and (value := self._value(name))]

    def _communes(self) -> tuple[frozenset[str] | None, frozenset[str] | None]:
        """Return the codes of which one is wanted, and those of which none is; both narrow, None does not."""
        commune, epci = self._value("commune"), self._value("epci")
        territory = frozenset(code for each in self.communes for code in (each.code, each.city_code))
        within = frozenset(each.code for each in self.communes if each.epci_code == epci) if epci else None
        if commune == OUTSIDE:
            return within, territory
        if not commune:
            return within, None
        chosen = frozenset({"" if commune == NOWHERE else commune})
        return (chosen if within is None else chosen & within), None

    def _told(self, name: str) -> str:
        value = self._value(name)
        if name == "au":
            return f"au {long_date(self.day)}"
        if name in ("recherche", "structure"):
            words = f"«\u00a0{value}\u00a0»"
            return words if name == "recherche" else f"Structure\u00a0: {words}"
        if name in ("participation", "gouvernance", "exercice", "medecine"):
            return f"{self.fields[name].label}\u00a0: {_label_of(self.fields[name], value)}"
        return _label_of(self.fields[name], value)

    def _value(self, name: str) -> str:
        value = self.cleaned_data.get(name)
        if name == _COLUMNS:
            return "" if self.columns == DEFAULT_COLUMNS else ",".join(self.columns)
        return value.isoformat() if isinstance(value, date) else str(value or "")


def _spread(query: QueryDict) -> QueryDict:
    """Take columns one by one, as boxes give them, or together, as addresses keep them; known ones alone."""
    spread = query.copy()
    asked = {name for value in query.getlist(_COLUMNS) for name in value.split(",")}
    known = [name for name in LIST_COLUMNS if name in asked]
    spread.setlist(_COLUMNS, known or [*DEFAULT_COLUMNS])
    return spread


def _label_of(field: forms.Field, value: str) -> str:
    """Return the label of a choice, inside of a group or not."""
    for key, label in cast("list[tuple[str, Any]]", cast("forms.ChoiceField", field).choices):
        inner = label if isinstance(label, list | tuple) else [(key, label)]
        for each, words in inner:
            if str(each) == value:
                return str(words)
    return value
