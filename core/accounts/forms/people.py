"""What is typed about people: their own name, and who is invited to what."""

from typing import Any

from django import forms

from core.access.enums import Role
from core.accounts.models import User


class PersonNameField(forms.CharField):
    """A name, on one line: blanks in a row, ends of line included, count as one."""

    def to_python(self, value: Any) -> str:
        """Return the name on one line."""
        return " ".join((super().to_python(value) or "").split())


class NameForm(forms.ModelForm):
    """The name that others see."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        labels = {"first_name": "Prénom", "last_name": "Nom"}
        field_classes = {"first_name": PersonNameField, "last_name": PersonNameField}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, hint in {"first_name": "given-name", "last_name": "family-name"}.items():
            self.fields[name].required = True
            self.fields[name].widget.attrs["autocomplete"] = hint


class GuestForm(forms.Form):
    """Somebody to invite, to a role that the page decides."""

    first_name = PersonNameField(label="Prénom", max_length=150)
    last_name = PersonNameField(label="Nom", max_length=150)
    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        help_text="Personnelle plutôt que partagée\u00a0: elle ouvre un compte.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # A colleague is typed here, not the person who types.
            field.widget.attrs["autocomplete"] = "off"


class CptsGuestForm(GuestForm):
    """Somebody to invite to a role of a CPTS."""

    role = forms.ChoiceField(
        label="Rôle",
        choices=[
            (Role.COORDINATOR, "Coordination\u00a0: tient la fiche, le territoire, le contrat et les rôles"),
            (Role.TREASURER, "Trésorerie\u00a0: suit l’échéancier et note les versements reçus"),
            (Role.BOARD, "Présidence et bureau\u00a0: voit tout, ne modifie rien"),
            (Role.MEMBER, "Adhésion\u00a0: voit la fiche de l’association et le territoire"),
        ],
        widget=forms.RadioSelect,
    )

    def clean_role(self) -> Role:
        """Return the role chosen."""
        return Role(self.cleaned_data["role"])


class PeopleFilter(forms.Form):
    """How a list of people is narrowed."""

    q = forms.CharField(
        label="Nom ou adresse", required=False, max_length=100, widget=forms.TextInput({"type": "search"})
    )
    anciens = forms.BooleanField(label="Rôles passés", required=False)

    def wanted(self) -> tuple[bool, str]:
        """Return whether former roles are wanted, and the words looked for; a search gone wrong finds all."""
        self.is_valid()
        return self.cleaned_data.get("anciens", False), self.cleaned_data.get("q", "")
