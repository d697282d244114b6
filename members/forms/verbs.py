"""Forms that hand what is typed to a verb, and show what it refuses."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError


class VerbForm(forms.Form):
    """A form that shows beside its fields what a verb refuses."""

    arguments: ClassVar[Mapping[str, str]] = {}
    """The field of each argument of the verb, where their names differ."""

    def show(self, error: ValidationError) -> None:
        """Put each refusal beside its field, and the others above the form."""
        show_refusals(self, error, self.arguments)


def show_refusals(
    form: forms.Form, error: ValidationError, arguments: Mapping[str, str] | None = None
) -> None:
    """Do what `VerbForm.show` does, for any form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for argument, refusals in by_field.items():
        name = (arguments or {}).get(argument, argument)
        for refusal in refusals:
            form.add_error(name if name in form.fields else None, refusal)
