"""The file of a logo."""

from django import forms

from core.organisations.domain.logo import MAX_MEGABYTES, drawn_again


class LogoForm(forms.Form):
    """An image; once valid, `cleaned_data["image"]` is a PNG of our own drawing."""

    image = forms.FileField(
        label="Image du logo",
        help_text=(
            f"PNG ou JPEG, {MAX_MEGABYTES}\u00a0Mo au plus. Elle est réduite à 600\u00a0pixels de large "
            "et ses informations cachées (lieu, auteur) sont retirées."
        ),
        error_messages={"required": "Choisissez une image.", "empty": "Ce fichier est vide."},
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )

    def clean_image(self) -> bytes:
        """Return the image, decoded and drawn again."""
        return drawn_again(self.cleaned_data["image"])
