"""Which entries are made anonymous."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict

from members.models import Member


class AnonymiseForm(forms.Form):
    """The entries ticked among those due, and that one knows what it does."""

    fiches = forms.MultipleChoiceField(
        label="Fiches à anonymiser",
        error_messages={
            "required": "Cochez au moins une fiche.",
            "invalid_choice": "L’une des fiches cochées n’est plus à anonymiser\u00a0: vérifiez la liste.",
        },
    )
    confirmed = forms.BooleanField(
        label="Les fiches cochées perdront leur nom et toutes leurs coordonnées, sans retour possible",
        error_messages={"required": "Confirmez que vous effacez ces données."},
    )

    def __init__(self, data: QueryDict | None, *, due: Sequence[Member]) -> None:
        super().__init__(data)
        self.due = {str(member.pk): member for member in due}
        self.fields["fiches"].choices = [(key, member.name) for key, member in self.due.items()]  # type: ignore[attr-defined]

    @property
    def ticked(self) -> set[str]:
        """The keys ticked, as they were sent."""
        return set(self["fiches"].value() or ())

    @property
    def chosen(self) -> list[Member]:
        """The entries ticked in a valid form."""
        return [self.due[key] for key in dict.fromkeys(self.cleaned_data["fiches"])]
