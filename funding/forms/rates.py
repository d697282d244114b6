"""What a coordinator types about the rates agreed with the CPAM and the ARS for a contract year."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.formats import localize_input

from aci.domain.attainments import LONGEST_REASON, rated_missions
from aci.models import Attainment, Contract
from core.ui.formatting import percent
from funding.domain.contract_terms import mission_labels
from funding.forms.contract import LineField, points
from funding.forms.terms import OUT_OF_RANGE

_RATE, _SHOWN = "taux_", "connu_"
"""What the fields of a mission begin with: its rate in percent, and the one that was shown."""


@dataclass(frozen=True)
class RateRow:
    """The two fields of a mission: its rate, and the one that was shown."""

    rate: BoundField
    shown: BoundField


class RatesForm(forms.Form):
    """The rates of a contract year, one per mission that ran in it, and where they come from."""

    raison = LineField(
        label="D’où viennent ces taux",
        max_length=LONGEST_REASON,
        help_text="Par exemple\u00a0: dialogue de gestion du 12 mai 2025, compte rendu signé. "
        "Un taux que vous ne changez pas garde l’origine déjà notée.",
    )

    def __init__(self, data: QueryDict | None = None, *, contract: Contract, year: int) -> None:
        """Start from what is recorded; a contract with its terms, and a year that has begun."""
        self.year, self.missions = year, rated_missions(contract, year)
        self.recorded = _recorded(contract, year)
        super().__init__(data, initial=_initial_of(self.recorded))
        labels = mission_labels()
        for code in self.missions:
            self.fields[f"{_RATE}{code}"] = _rate_field(labels.get(code, code))
            self.fields[f"{_SHOWN}{code}"] = _shown_field(labels.get(code, code))
        self.order_fields([f"{_RATE}{code}" for code in self.missions])

    def rows(self) -> list[RateRow]:
        """Return the fields of each mission, in the order of the contract."""
        return [RateRow(self[f"{_RATE}{code}"], self[f"{_SHOWN}{code}"]) for code in self.missions]

    def clean(self) -> dict[str, Any]:
        """At least one rate; one that is recorded may be replaced, not taken away."""
        cleaned = super().clean() or {}
        for code in self.missions:
            is_empty = cleaned.get(f"{_RATE}{code}", "wrong") is None
            if is_empty and cleaned.get(f"{_SHOWN}{code}") is not None:
                self.add_error(f"{_RATE}{code}", "Un taux enregistré se remplace, il ne s’efface pas.")
        if not self.errors and not self.rates:
            self.add_error(None, "Donnez le taux d’au moins une mission.")
        return cleaned

    @property
    def rates(self) -> dict[str, Decimal]:
        """The rates that were typed, from 0 to 1, by mission; for a valid form."""
        return self._typed(_RATE)

    @property
    def replacing(self) -> dict[str, Decimal]:
        """The rates that were shown, from 0 to 1, by mission; for a valid form."""
        return self._typed(_SHOWN)

    def _typed(self, kind: str) -> dict[str, Decimal]:
        typed = {code: self.cleaned_data.get(f"{kind}{code}") for code in self.missions}
        return {code: value / Decimal(100) for code, value in typed.items() if value is not None}

    def on(self, contract: Contract) -> "RatesForm":
        """Return what was typed, on the rates that are now recorded; for a valid form.

        A rate that was left as it was shown follows the one recorded since: nobody typed it.
        """
        typed, recorded = cast("QueryDict", self.data).copy(), _recorded(contract, self.year)
        rates, replacing = self.rates, self.replacing
        for code in self.missions:
            now = points(recorded[code].rate) if code in recorded else ""
            if rates.get(code) == replacing.get(code):
                typed[f"{_RATE}{code}"] = localize_input(now)
            typed[f"{_SHOWN}{code}"] = str(now)
        return RatesForm(typed, contract=contract, year=self.year)

    def moved_since(self, form: "RatesForm") -> list[tuple[str, str, str]]:
        """Return the rates recorded otherwise than `form` showed them: mission, rate in words, reason."""
        now = {code: row.rate for code, row in self.recorded.items()}
        moved = [code for code in self.missions if now.get(code) != form.replacing.get(code)]
        return [self._in_words(code) for code in moved]

    def _in_words(self, code: str) -> tuple[str, str, str]:
        label, row = str(self.fields[f"{_RATE}{code}"].label), self.recorded.get(code)
        return (label, percent(row.rate), row.reason) if row else (label, "", "")

    def show_refusals(self, errors: Mapping[str, str]) -> None:
        """Place the refusals of the domain beside the form's fields."""
        fields = {f"rates.{code}": f"{_RATE}{code}" for code in self.missions} | {"reason": "raison"}
        for field, sentence in errors.items():
            self.add_error(fields.get(field), sentence)


def _recorded(contract: Contract, year: int) -> dict[str, Attainment]:
    return {row.mission: row for row in contract.attainments.all() if row.contract_year == year}


def _initial_of(recorded: Mapping[str, Attainment]) -> dict[str, Any]:
    """The recorded rates in percent, and where they come from when it is said once for all."""
    reasons = {row.reason for row in recorded.values()}
    initial: dict[str, Any] = {"raison": reasons.pop()} if len(reasons) == 1 else {}
    for code, row in recorded.items():
        initial |= dict.fromkeys((f"{_RATE}{code}", f"{_SHOWN}{code}"), points(row.rate))
    return initial


def _rate_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        localize=True,
        error_messages=OUT_OF_RANGE,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def _shown_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{label}, taux affiché",
        required=False,
        max_digits=7,
        decimal_places=4,
        widget=forms.HiddenInput,
        localize=False,
    )
