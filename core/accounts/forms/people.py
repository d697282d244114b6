"""What a person says of themselves."""

from django import forms

from core.accounts.models import User


class NameForm(forms.ModelForm):
    """The name that others see."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        labels = {"first_name": "Prénom", "last_name": "Nom"}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, hint in {"first_name": "given-name", "last_name": "family-name"}.items():
            self.fields[name].required = True
            self.fields[name].widget.attrs["autocomplete"] = hint
