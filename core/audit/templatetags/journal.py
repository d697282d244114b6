"""The link from an object to its history."""

from django import template
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

register = template.Library()


@register.simple_tag
def history_of(target: models.Model, slug: str) -> str:
    """Return the address of the history of an object, in the CPTS of this name in addresses.

    `{% load journal %}<a href="{% history_of contract cpts.slug %}">Historique</a>`
    """
    query = urlencode({"objet": f"{target._meta.label_lower}:{target.pk}"})
    return f"{reverse('history', args=[slug])}?{query}"
