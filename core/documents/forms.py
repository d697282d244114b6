"""What a person gives to verify a document."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.documents.domain.fingerprints import parse_fingerprint

_MAX_MEGABYTES = 10
_PDF_MARK = b"%PDF-"


class VerificationForm(forms.Form):
    """A fingerprint copied from a document, or the document itself: its file is read, never kept."""

    fingerprint = forms.CharField(
        label="Empreinte imprimée sur le document",
        help_text="64 caractères, de 0 à 9 et de a à f ; les espaces et les majuscules ne comptent pas.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="Ou le fichier PDF lui-même",
        help_text=f"{_MAX_MEGABYTES} Mo au plus. Le fichier est comparé puis oublié : rien n’est conservé.",
        required=False,
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def clean_fingerprint(self) -> str:
        """Return the fingerprint in its canonical form, or an empty string."""
        typed = self.cleaned_data["fingerprint"]
        if not typed:
            return ""
        fingerprint = parse_fingerprint(typed)
        if fingerprint is None:
            raise ValidationError(
                "Cette empreinte est incomplète ou contient un caractère inattendu : "
                "recopiez les 64 caractères, de 0 à 9 et de a à f."
            )
        return fingerprint

    def clean_file(self) -> UploadedFile | None:
        """Return the file, if it is a PDF of an acceptable size."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None:
            return None
        if (file.size or 0) > _MAX_MEGABYTES * 1024 * 1024:
            raise ValidationError(f"Ce fichier dépasse {_MAX_MEGABYTES} Mo : ce n’est pas un document d’ici.")
        if file.read(len(_PDF_MARK)) != _PDF_MARK:
            raise ValidationError("Ce fichier n’est pas un PDF : choisissez le document tel que téléchargé.")
        return file

    def clean(self) -> dict[str, Any]:
        """Require one of the two ways, not both."""
        data = super().clean() or self.cleaned_data
        if not self.errors and bool(data["fingerprint"]) == bool(data["file"]):
            raise ValidationError("Donnez l’empreinte ou le fichier, l’un des deux.")
        return data

    def file_hash(self) -> str:
        """Return the SHA-256 of the given file, read piece by piece."""
        digest = hashlib.sha256()
        for chunk in self.cleaned_data["file"].chunks():
            digest.update(chunk)
        return digest.hexdigest()
