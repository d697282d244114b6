"""The stage that the coordinator declares."""

from datetime import date

from django import forms
from django.http import QueryDict

from core.organisations.domain.lifecycle import declarable_stages
from core.organisations.enums import Stage
from core.organisations.models import Cpts


class StageForm(forms.Form):
    """A stage and the day since which it holds, with those that were on the screen."""

    seen_stage = forms.ChoiceField(choices=Stage, widget=forms.HiddenInput)
    seen_since = forms.DateField(widget=forms.HiddenInput)
    stage = forms.ChoiceField(
        label="Étape atteinte",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez une étape.",
            "invalid_choice": "Choisissez l’une des étapes proposées.",
        },
    )
    since = forms.DateField(
        label="Depuis le",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Cette date n’existe pas\u00a0: écrivez-la sous la forme 31/01/2026."},
    )

    def __init__(self, data: QueryDict | None = None, *, cpts: Cpts) -> None:
        initial = {
            "stage": cpts.stage,
            "since": cpts.stage_since,
            "seen_stage": cpts.stage,
            "seen_since": cpts.stage_since.isoformat(),
        }
        super().__init__(data, initial=initial)
        choices = [(stage.value, stage.label) for stage in declarable_stages()]
        self.fields["stage"].choices = choices  # type: ignore[attr-defined]

    @property
    def seen(self) -> tuple[str, date]:
        """The stage and the day that were on the screen, of a valid form."""
        return self.cleaned_data["seen_stage"], self.cleaned_data["seen_since"]
