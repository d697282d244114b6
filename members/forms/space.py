"""What a member types in their own space, and what opens it."""

from typing import Any, ClassVar

from django import forms

from core.accounts.models import User
from core.organisations.forms.fields import PhoneField, RevisedForm, email_field
from core.ui.fields import day_field
from members.forms.verbs import VerbForm
from members.models import Member


class OwnContactForm(RevisedForm):
    """How the association reaches somebody."""

    email = email_field()
    phone = PhoneField(label="Téléphone", required=False)

    def __init__(self, data: Any = None, *, entry: Member) -> None:
        shown = {"email": entry.email, "phone": entry.phone, "revision": entry.revision}
        super().__init__(data, initial=shown)


class LeavingForm(VerbForm):
    """From when one is no longer a member."""

    ends_on = day_field(
        "Je ne suis plus membre à partir du",
        help_text="La veille est votre dernier jour d’adhésion.",
        error_messages={"required": "Donnez le premier jour où vous n’êtes plus membre."},
    )


class AccountForm(VerbForm):
    """The account of an entry, among those who hold a role in its CPTS."""

    arguments: ClassVar[dict[str, str]] = {}

    account = forms.ModelChoiceField(
        User.objects.none(),
        label="Compte",
        empty_label="Choisissez",
        error_messages={
            "required": "Choisissez un compte.",
            "invalid_choice": "Choisissez un compte de la liste.",
        },
    )

    def __init__(self, data: Any = None, *, accounts: list[User]) -> None:
        super().__init__(data)
        field: Any = self.fields["account"]
        field.queryset = User.objects.filter(pk__in=[each.pk for each in accounts]).order_by("email")
        field.label_from_instance = lambda user: user.email
