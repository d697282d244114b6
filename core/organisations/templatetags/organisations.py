"""How telephone numbers and lists of words are written on this app's pages."""

from collections.abc import Sequence

from django import template

from core.organisations.domain.phones import phone_text

register = template.Library()
register.filter("phone", phone_text)


@register.filter
def enumerated(words: Sequence[str]) -> str:
    """Return words one after the other: "le SIRET, le RNA et l’adresse"."""
    *firsts, last = words
    return f"{', '.join(firsts)} et {last}" if firsts else last
