"""Draws the controls of forms.

Django draws each `<input>` with three templates and a loop over its attributes: half the time of a page made
of a form. The commonest controls are drawn here in Python, with the very same HTML (a test compares them
with Django's); the others keep Django's templates.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_Drawn = Callable[[Mapping[str, Any]], SafeString]


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    parts = (
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, str(value))
        for name, value in attrs.items()
        if value is not False
    )
    return SafeString("".join(parts))


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', str(widget["value"]))
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, _attributes(widget["attrs"])
    )


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = SafeString("".join(_group(name, options) for name, options, _index in widget["optgroups"]))
    return format_html(
        '<select name="{}"{}>{}</select>', widget["name"], _attributes(widget["attrs"]), groups
    )


def _group(name: str | None, options: list[Mapping[str, Any]]) -> SafeString:
    drawn = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((str(option["value"]), _attributes(option["attrs"]), option["label"]) for option in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, drawn) if name else drawn


_DRAWN: dict[str, _Drawn] = {
    f"django/forms/widgets/{name}.html": _input
    for name in ("text", "number", "email", "url", "password", "hidden", "date", "checkbox")
} | {"django/forms/widgets/select.html": _select}
# A choice of a group, which we label ourselves.
_CHOICES = {"django/forms/widgets/checkbox_option.html", "django/forms/widgets/radio_option.html"}


class QuickRenderer(DjangoTemplates):
    """Django's renderer of forms (FORM_RENDERER), quicker on the commonest controls."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Return the HTML of a template of Django's forms."""
        widget = context.get("widget")
        if widget is None:
            return super().render(template_name, context, request)
        if template_name in _CHOICES and not widget.get("wrap_label"):
            return _input(widget)
        draw = _DRAWN.get(template_name)
        return draw(widget) if draw else super().render(template_name, context, request)
