"""Forms as we draw them: widgets with our classes, errors with a link to their field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class ErrorLine:
    """One line of an error summary: the sentence, its field's label, the id to jump to ("" for none)."""

    message: str
    label: str
    target: str

    def __str__(self) -> str:
        return f"{self.label}\u00a0: {self.message}" if self.label else self.message


def error_lines(form: "BaseForm | BaseFormSet[Any] | list[Any]") -> list[ErrorLine]:
    """Return every error of a form or formset in reading order, those of the whole form first.

    A list is the forms and formsets that a page sends together.
    """
    if isinstance(form, list):
        return [line for each in form for line in error_lines(each)]
    if isinstance(form, BaseFormSet):
        whole = [ErrorLine(str(message), "", "") for message in form.non_form_errors()]
        return whole + [line for each in form.forms for line in error_lines(each)]
    whole = [ErrorLine(str(message), "", "") for message in form.non_field_errors()]
    return whole + [line for field in form for line in _field_lines(field)]


def _field_lines(field: BoundField) -> Iterator[ErrorLine]:
    target = "" if field.is_hidden else _target(field)
    for message in field.errors:
        yield ErrorLine(str(message), str(field.label), target)


def _target(field: BoundField) -> str:
    # A group has no control of its own to focus: the reader is sent to its first choice.
    return f"{field.auto_id}_0" if is_group(field) else field.id_for_label


def is_group(field: BoundField) -> bool:
    """Tell whether the field is several radio buttons or checkboxes, drawn as a fieldset."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


def render_control(field: BoundField) -> SafeString:
    """Return the HTML of the field's widget with our classes, its own classes kept.

    Django ties the help text and the errors to the widget (aria-describedby, aria-invalid), except for
    those it would draw as a fieldset, like file inputs.
    """
    own = field.field.widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": f"{_control_class(field)} {own}".strip()}
    if field.use_fieldset and field.aria_describedby:
        attrs["aria-describedby"] = field.aria_describedby
    return field.as_widget(attrs=attrs)


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        base = "form-check-input"
    elif isinstance(widget, Select):
        base = "form-select"
    else:
        base = "form-control"
    return f"{base} is-invalid" if field.errors else base


def render_choice(choice: BoundWidget) -> SafeString:
    """Return the HTML of one choice of a group, without its label."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag()
