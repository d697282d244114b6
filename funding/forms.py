"""Input of the simulator: a French address bar in, the payload of `manage.py simulate` out.

Every field lives in the address, so that a simulation can be shared, reloaded and exported as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.boundfield import BoundField
from django.http import QueryDict

from funding.domain.baremes import published_baremes
from funding.engine import CONTRACT_YEARS, Mission, MissionKind, Proration

TERRITORY, POPULATION = "territoire", "population"
# Loi 2016-41, which creates the CPTS: an earlier year is being typed, or is a mistake. Spreadsheets know no
# date before 1900 either.
FIRST_SIGNATURE, LAST_SIGNATURE = date(2016, 1, 26), date(2099, 12, 31)
_UNLIKELY_YEAR = "Vérifiez l’année\u00a0: un contrat se signe entre 2016 et 2099."
AUTOMATIC = ""
_YEAR_CHOICES = [(number, f"Année {number}") for number in range(1, CONTRACT_YEARS + 1)]

# Where the engine's complaint about a field of the payload is shown on the form.
_FIELD_OF = {
    "signed_on": "signature",
    "population": "population",
    "attainment": "atteinte",
    "default_attainment": "atteinte",
    "bareme": "bareme",
    "proration": "proration",
    "prorate_first_variable": "prorata_variable",
    "crisis_plan_year": "plan_crise",
    "crisis_years": "crises",
    "supplements": "supplements",
}

_SETTINGS = ("bareme", "proration", "prorata_variable", "plan_crise", "crises", "supplements")


@dataclass(frozen=True)
class MissionRow:
    """A mission as the form shows it: its definition, the field of its start date, whether it is ticked."""

    mission: Mission
    start: BoundField
    chosen: bool

    @property
    def kind(self) -> str:
        """« socle » or « optionnelle »."""
        return "socle" if self.mission.kind is MissionKind.CORE else "optionnelle"

    @property
    def delay(self) -> str:
        """How long after the signature it must have started, "" when the texts leave it free."""
        months = self.mission.start_within_months
        return f"dans les {months}\u00a0mois" if months else ""


class SimulationForm(forms.Form):
    """What a five-year schedule depends on, as a coordinator would say it."""

    source = forms.ChoiceField(
        label="Population couverte",
        choices=[(TERRITORY, "Je choisis les communes"), (POPULATION, "Je connais le nombre d’habitants")],
        widget=forms.RadioSelect,
        initial=TERRITORY,
    )
    population = forms.IntegerField(
        label="Nombre d’habitants", required=False, min_value=1, max_value=100_000_000, localize=False
    )
    signature = forms.DateField(
        label="Date de signature du contrat",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        validators=[
            MinValueValidator(FIRST_SIGNATURE, _UNLIKELY_YEAR),
            MaxValueValidator(LAST_SIGNATURE, _UNLIKELY_YEAR),
        ],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    missions = forms.MultipleChoiceField(
        label="Missions", required=False, widget=forms.CheckboxSelectMultiple
    )
    atteinte = forms.DecimalField(
        label="Taux d’atteinte des objectifs (%)",
        help_text="Appliqué au volet variable de chaque mission, chaque année.",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        initial=100,
    )
    bareme = forms.ChoiceField(label="Texte appliqué", required=False)
    proration = forms.ChoiceField(
        label="Prorata de la première année d’une mission",
        choices=[(Proration.DAYS.value, "Au jour près"), (Proration.MONTHS.value, "En mois entiers")],
        initial=Proration.DAYS.value,
    )
    prorata_variable = forms.ChoiceField(
        label="Volet variable de la première année",
        choices=[("oui", "Au prorata, comme le volet fixe"), ("non", "En totalité")],
        initial="oui",
    )
    plan_crise = forms.TypedChoiceField(
        label="Année de première rédaction du plan de crise",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(AUTOMATIC, "L’année où la mission démarre"), *_YEAR_CHOICES],
    )
    crises = forms.TypedMultipleChoiceField(
        label="Années de crise sanitaire grave",
        required=False,
        coerce=int,
        choices=_YEAR_CHOICES,
        widget=forms.CheckboxSelectMultiple,
    )
    supplements = forms.MultipleChoiceField(
        label="Suppléments de l’ACI 2019",
        help_text="Ils ne comptent que les années où l’accord de 2019 s’applique.",
        required=False,
        choices=[("snp", "Soins non programmés"), ("medecin_traitant", "Médecin traitant")],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, query: QueryDict, *, today: date) -> None:
        """Bind to the address' query; without a signature it is a blank page, the core missions ticked.

        A field that the query leaves out has its initial value: the canonical address says only the others.
        """
        texts = published_baremes()
        known = {mission.code: mission for text in texts for mission in text.missions}
        self.mission_definitions = sorted(
            known.values(), key=lambda mission: mission.kind is not MissionKind.CORE
        )
        super().__init__(self._completed(query) if "signature" in query else None)
        self._offer_missions()
        automatic = (AUTOMATIC, "Celui en vigueur au début de chaque année de contrat")
        self._choices_of("bareme", [automatic, *((text.code, text.title) for text in texts)])
        self.initial["signature"] = today

    def _completed(self, query: QueryDict) -> QueryDict:
        data = query.copy()
        for name, field in self.base_fields.items():
            if field.initial is not None:
                data.setdefault(name, str(field.initial))
        return data

    def _choices_of(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = choices

    def _offer_missions(self) -> None:
        self._choices_of("missions", [(m.code, m.label) for m in self.mission_definitions])
        self.initial["missions"] = [m.code for m in self.mission_definitions if m.kind is MissionKind.CORE]
        for mission in self.mission_definitions:
            self.fields[f"debut_{mission.code}"] = forms.DateField(
                label=f"Début de la mission\u00a0: {mission.label}",
                required=False,
                input_formats=["%Y-%m-%d", "%d/%m/%Y"],
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def canonical_items(self) -> list[tuple[str, str]]:
        """Return what the address must carry: every value that was typed and is not the initial one.

        The signature and the missions always stand: what a blank page proposes for them (`self.initial`)
        changes with the day and with the texts.
        """
        if not self.is_bound:
            return []
        data = cast("QueryDict", self.data)
        return [
            (name, value)
            for name in self.fields
            for value in data.getlist(name)
            if value and value != str(self.fields[name].initial)
        ]

    def example_query(self, epci: str) -> str:
        """Return the query of a first simulation to look at: these EPCI, core missions, today."""
        missions = [("missions", code) for code in self.initial["missions"]]
        return urlencode([("signature", self.initial["signature"].isoformat()), *missions, ("epci", epci)])

    @property
    def mission_rows(self) -> list[MissionRow]:
        """One row per mission of any text, core ones first."""
        chosen = set(self["missions"].value() or ())
        return [
            MissionRow(mission, self[f"debut_{mission.code}"], mission.code in chosen)
            for mission in self.mission_definitions
        ]

    @property
    def settings_fields(self) -> list[BoundField]:
        """The fields most people never change."""
        return [self[name] for name in _SETTINGS]

    @property
    def has_changed_settings(self) -> bool:
        """Whether one of these differs from its initial value, so that it must be seen."""
        return self.is_bound and any(name in self.changed_data for name in _SETTINGS)

    def payload(self, extent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the simulation as `manage.py simulate` reads it; only for a valid form.

        `extent` is what the size is read from: `{"population": n}` or `{"territory": codes}`.
        """
        cleaned = self.cleaned_data
        payload = {
            "signed_on": cleaned["signature"].isoformat(),
            "missions": self._starts(),
            "default_attainment": str(cleaned["atteinte"] / Decimal(100)),
            "proration": cleaned["proration"],
            "prorate_first_variable": cleaned["prorata_variable"] == "oui",
            "crisis_years": cleaned["crises"],
            "supplements": cleaned["supplements"],
        }
        for key, field in (("bareme", "bareme"), ("crisis_plan_year", "plan_crise")):
            if cleaned[field]:
                payload[key] = cleaned[field]
        return payload | dict(extent)

    @property
    def typed_population(self) -> int | None:
        """The number of inhabitants, None when the population is that of a territory; for a valid form."""
        return self.cleaned_data["population"] if self.cleaned_data["source"] == POPULATION else None

    def _starts(self) -> dict[str, str]:
        signature = self.cleaned_data["signature"]
        return {
            code: (self.cleaned_data[f"debut_{code}"] or signature).isoformat()
            for code in self.cleaned_data["missions"]
        }

    def clean(self) -> dict[str, Any]:
        """A population is asked for when it is the chosen source."""
        cleaned = super().clean() or {}
        if cleaned.get("source") == POPULATION and cleaned.get("population") is None:
            self.add_error_once("population", "Indiquez le nombre d’habitants, par exemple 60 200.")
        return cleaned

    def add_error_once(self, field: str | None, sentence: str) -> None:
        """Show one complaint per field: the first says enough to mend it."""
        if field not in self.errors:
            self.add_error(field, sentence)

    def show_refusals(self, errors: Mapping[str, str]) -> None:
        """Place the engine's refusals (payload field → French sentence) beside the form's fields."""
        for path, sentence in errors.items():
            self.add_error_once(self._form_field(path), sentence)

    def _form_field(self, path: str) -> str | None:
        head, _, detail = path.partition(".")
        if head == "missions" and f"debut_{detail}" in self.fields:
            return f"debut_{detail}"
        return _FIELD_OF.get(head)
