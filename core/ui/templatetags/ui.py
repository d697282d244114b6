"""Template tags and filters of the interface, loaded in every template."""

from django import template

register = template.Library()
