"""A list kept under a name."""

from typing import Any

from django import forms

from core.organisations.forms.fields import longest_in
from members.models import SavedView


class SavedViewForm(forms.Form):
    """The name of a saved list, and whether others find it."""

    name = forms.CharField(
        label="Nom de la vue",
        max_length=longest_in(SavedView, "name"),
        help_text="Par exemple\u00a0: Infirmiers à relancer.",
        error_messages={"required": "Nommez cette vue."},
    )
    is_shared = forms.BooleanField(
        label="La partager avec la coordination, la trésorerie et le bureau", required=False
    )

    def values(self) -> dict[str, Any]:
        """Return the values of a valid form, as the domain takes them."""
        return dict(self.cleaned_data)
