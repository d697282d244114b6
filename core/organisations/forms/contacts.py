"""A contact, the filters of the directory, the spreadsheet to import and the agreement to it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.organisations.domain.contact_import import ImportPlan, SheetRow, read_contacts
from core.organisations.enums import ContactKind
from core.organisations.forms.fields import (
    PhoneField,
    RevisedForm,
    current_departements,
    departement_choices,
    email_field,
    longest_in,
)
from core.organisations.models import Contact
from core.organisations.models.contact import ContactQuerySet
from core.spreadsheets.errors import SpreadsheetError

_SALT = "core.organisations.contact_import"
_A_DAY = 24 * 3600
_EXPIRED = "Cette lecture du fichier n’est plus valable\u00a0: envoyez le fichier de nouveau."


def _text(label: str, name: str, **options: Any) -> forms.CharField:
    options.setdefault("required", False)
    return forms.CharField(label=label, max_length=longest_in(Contact, name), **options)


class ContactForm(RevisedForm):
    """A contact of the directory."""

    kind = forms.ChoiceField(
        label="Nature",
        choices=[("", "Choisissez"), *ContactKind.choices],
        error_messages={"required": "Choisissez la nature de l’institution."},
    )
    institution = _text(
        "Nom de l’institution",
        "institution",
        required=True,
        error_messages={"required": "Nommez l’institution."},
    )
    departement_code = forms.ChoiceField(label="Département", required=False)
    territory = _text("Territoire suivi, en mots", "territory")
    person = _text("Personne", "person")
    function = _text("Fonction", "function")
    email = email_field()
    phone = PhoneField(label="Téléphone", required=False)
    address = _text("Adresse postale", "address")

    def __init__(self, data: QueryDict | None = None, *, contact: Contact) -> None:
        initial = {name: getattr(contact, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        names = {code: departement.name for code, departement in current_departements().items()}
        if contact.departement_code:
            names.setdefault(contact.departement_code, contact.departement_code)
        choices = [("", "Aucun en particulier"), *departement_choices(names)]
        self.fields["departement_code"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a way to reach the contact."""
        data = super().clean() or self.cleaned_data
        reached = [data.get(name) for name in ("email", "phone", "address")]
        if not any(reached) and not self.errors:
            raise ValidationError(
                "Donnez au moins une adresse électronique, un téléphone ou une adresse postale."
            )
        return data


class ContactFilter(forms.Form):
    """How the directory is narrowed; whatever cannot be used is left out."""

    recherche = forms.CharField(
        label="Nom, fonction ou lieu",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    nature = forms.ChoiceField(label="Nature", required=False, choices=[("", "Toutes"), *ContactKind.choices])
    departement = forms.ChoiceField(label="Département", required=False)

    def __init__(self, *args: Any, codes: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        names = {code: departement.name for code, departement in current_departements().items()}
        choices = departement_choices({code: names.get(code, code) for code in codes})
        self.fields["departement"].choices = [("", "Tous"), *choices]  # type: ignore[attr-defined]
        self.is_valid()

    def narrowed(self, contacts: ContactQuerySet) -> ContactQuerySet:
        """Return the contacts that are wanted."""
        wanted = self.cleaned_data
        if wanted.get("nature"):
            contacts = contacts.filter(kind=wanted["nature"])
        if wanted.get("departement"):
            contacts = contacts.filter(departement_code=wanted["departement"])
        return contacts.matching(wanted.get("recherche", ""))

    def chips(self) -> list[tuple[str, str]]:
        """Return the filters in force: name of the parameter, words."""
        shown = []
        for name, value in self.cleaned_data.items():
            if value:
                choices = dict(getattr(self.fields[name], "choices", ()))
                shown.append((name, str(choices.get(value, f"«\u00a0{value}\u00a0»"))))
        return shown


class ContactFileForm(forms.Form):
    """The spreadsheet of contacts; once valid, `rows` is what it says."""

    fichier = forms.FileField(
        label="Tableur de contacts",
        help_text=(
            "Classeur .xlsx ou .ods, ou fichier .csv, de 2\u00a0Mo et 1\u00a0000 contacts au plus, "
            "avec les colonnes de l’export\u00a0: Nature et Institution au moins."
        ),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv,.txt"}),
    )

    def clean_fichier(self) -> list[SheetRow]:
        """Return the rows of the file."""
        file = self.cleaned_data["fichier"]
        try:
            return read_contacts(file, filename=file.name)
        except SpreadsheetError as error:
            raise ValidationError(str(error)) from error


class AgreementForm(forms.Form):
    """The agreement to an import that was shown: its rows come back signed, nobody can have touched them."""

    lecture = forms.CharField(widget=forms.HiddenInput, error_messages={"required": _EXPIRED}, strip=False)

    def __init__(self, *args: Any, owner: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.owner = owner

    @classmethod
    def to(cls, plan: ImportPlan, rows: Sequence[SheetRow], *, owner: str) -> "AgreementForm":
        """Return the form that agrees to `plan`; `owner` says who may send it, and into which directory."""
        payload = {
            "owner": owner,
            "agreed": plan.fingerprint(),
            "rows": [[row.number, row.cells] for row in rows],
        }
        return cls(initial={"lecture": signing.dumps(payload, salt=_SALT, compress=True)}, owner=owner)

    def clean_lecture(self) -> tuple[list[SheetRow], str]:
        """Return the rows and the fingerprint of the plan agreed to."""
        try:
            payload = signing.loads(self.cleaned_data["lecture"], salt=_SALT, max_age=_A_DAY)
        except signing.BadSignature as error:
            raise ValidationError(_EXPIRED) from error
        if payload["owner"] != self.owner:
            raise ValidationError(_EXPIRED)
        return [SheetRow(number, cells) for number, cells in payload["rows"]], payload["agreed"]
