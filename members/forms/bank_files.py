"""The file of a bank or of a membership platform."""

from django import forms

from members.domain.bank_reading import BankFileError


class BankFileForm(forms.Form):
    """The file to read."""

    fichier = forms.FileField(
        label="Relevé de la banque, ou export de la plateforme d’adhésion",
        help_text=(
            "Fichier .csv, .xlsx ou .ods, de 2\u00a0Mo et 5\u00a0000 lignes au plus, avec une date et un "
            "montant ou un crédit\u00a0; un libellé, un nom ou une adresse permettent de reconnaître "
            "le payeur."
        ),
        max_length=200,
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
            "max_length": "Le nom de ce fichier est trop long\u00a0: raccourcissez-le.",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods"}),
    )

    def show(self, error: BankFileError) -> None:
        """Put each fault of the file beside the field."""
        for message in error.errors:
            self.add_error("fichier", message)
