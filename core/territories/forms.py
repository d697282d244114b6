"""Parses what people send about territories."""

from collections.abc import Mapping

from django.http import QueryDict

from core.territories.domain.selection import TerritorySelection, resolve_selection


def codes(parameters: QueryDict | Mapping[str, str], name: str) -> list[str]:
    """Return the comma-separated codes of parameter `name`, repeated parameters joined."""
    values = parameters.getlist(name) if isinstance(parameters, QueryDict) else [parameters.get(name, "")]
    return [code for value in values for code in value.split(",") if code.strip()]


def selection_from_query(parameters: QueryDict) -> TerritorySelection:
    """Return the territory asked for by `epci` and `communes`; raises SelectionError."""
    return resolve_selection(epci=codes(parameters, "epci"), communes=codes(parameters, "communes"))
