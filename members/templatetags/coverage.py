"""How a professional in practice is told in a list."""

from collections.abc import Iterator, Mapping

from django import template

from members.domain.coverage import Practitioner, activity_label

register = template.Library()
register.filter("activity_label", activity_label)


@register.filter
def places_among(practitioner: Practitioner, communes: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the commune, by name, and the structure of each place; `communes` are the names by code."""
    for code, structure in practitioner.places.items():
        yield {"commune": communes[code], "structure": structure}
