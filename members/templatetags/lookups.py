"""The choice beside a name that may stand for several things."""

from django import template
from django.forms.boundfield import BoundField

register = template.Library()


@register.filter
def lookup_choice(field: BoundField) -> BoundField | None:
    """Return the choice that goes with a field of `members.forms.lookups`, None when its name is clear."""
    name = f"{field.name}_choice"
    return field.form[name] if name in field.form.fields else None
