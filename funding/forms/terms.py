"""The terms of a contract as a coordinator types them: what the simulator and a signed contract share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.boundfield import BoundField

from funding.domain.baremes import published_baremes
from funding.engine import CONTRACT_YEARS, Mission, MissionKind, Proration

TERRITORY, POPULATION = "territoire", "population"
# Loi 2016-41, which creates the CPTS: an earlier year is being typed, or is a mistake. Spreadsheets know no
# date before 1900 either.
FIRST_SIGNATURE, LAST_SIGNATURE = date(2016, 1, 26), date(2099, 12, 31)
_UNLIKELY_YEAR = "Vérifiez l’année\u00a0: un contrat se signe entre 2016 et 2099."
AUTOMATIC = ""
OUT_OF_RANGE = dict.fromkeys(("min_value", "max_value"), "Un taux va de 0 à 100\u00a0%%.")
YEAR_CHOICES = [(number, f"Année {number}") for number in range(1, CONTRACT_YEARS + 1)]

FIELD_OF = {
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
"""Where the engine's complaint about a field of the payload is shown on the form."""

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


class TermsForm(forms.Form):
    """What a five-year schedule depends on, as a coordinator would say it."""

    field_of: Mapping[str, str] = FIELD_OF

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
        error_messages=OUT_OF_RANGE,
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
        choices=[(AUTOMATIC, "L’année où la mission démarre"), *YEAR_CHOICES],
    )
    crises = forms.TypedMultipleChoiceField(
        label="Années de crise sanitaire grave",
        required=False,
        coerce=int,
        choices=YEAR_CHOICES,
        widget=forms.CheckboxSelectMultiple,
    )
    supplements = forms.MultipleChoiceField(
        label="Suppléments de l’ACI 2019",
        help_text="Ils ne comptent que les années où l’accord de 2019 s’applique.",
        required=False,
        choices=[("snp", "Soins non programmés"), ("medecin_traitant", "Médecin traitant")],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the missions and the texts published with the application."""
        texts = published_baremes()
        known = {mission.code: mission for text in texts for mission in text.missions}
        self.mission_definitions = sorted(
            known.values(), key=lambda mission: mission.kind is not MissionKind.CORE
        )
        super().__init__(*args, **kwargs)
        self._offer_missions()
        automatic = (AUTOMATIC, "Celui en vigueur au début de chaque année de contrat")
        self.offer("bareme", [automatic, *((text.code, text.title) for text in texts)])

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Give a field its choices."""
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = choices

    def _offer_missions(self) -> None:
        self.offer("missions", [(m.code, m.label) for m in self.mission_definitions])
        core = [m.code for m in self.mission_definitions if m.kind is MissionKind.CORE]
        self.initial.setdefault("missions", core)
        for mission in self.mission_definitions:
            self.fields[f"debut_{mission.code}"] = forms.DateField(
                label=f"Début de la mission\u00a0: {mission.label}",
                required=False,
                input_formats=["%Y-%m-%d", "%d/%m/%Y"],
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

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

    @property
    def starts(self) -> dict[str, date]:
        """The start of each chosen mission, the signature when it was left empty; for valid dates."""
        signature = self.cleaned_data["signature"]
        return {
            code: self.cleaned_data[f"debut_{code}"] or signature for code in self.cleaned_data["missions"]
        }

    @property
    def rate(self) -> Decimal:
        """The rate typed in percent, from 0 to 1; for a valid one."""
        return self.cleaned_data["atteinte"] / Decimal(100)

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
        return self.field_of.get(head)
