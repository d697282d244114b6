"""Template tags and filters of the interface, loaded in every template."""

from functools import lru_cache

from django import template
from django.conf import settings
from heroicons.templatetags import heroicons

from core.ui import formatting, forms

register = template.Library()

register.filter("euros", formatting.euros)
register.filter("number", formatting.number)
register.filter("percent", formatting.percent)
register.filter("long_date", formatting.long_date)
register.filter("local_day", formatting.local_day)
register.filter("moment", formatting.moment)
register.filter("error_lines", forms.error_lines)
register.filter("is_group", forms.is_group)
register.filter("control", forms.render_control)
register.filter("choice_control", forms.render_choice)

_ICONS = {
    "success": "check-circle",
    "info": "information-circle",
    "warning": "exclamation-triangle",
    "danger": "x-circle",
    "neutral": "minus-circle",
}
_MESSAGE_KINDS = {"debug": "neutral", "error": "danger"}


@register.filter
def kind_icon(kind: str) -> str:
    """Return the icon that goes with a kind of status or notice; KeyError for an unknown kind."""
    return _ICONS[kind]


@register.filter
def message_kind(level_tag: str) -> str:
    """Return the kind of notice for a level of django.contrib.messages."""
    return _MESSAGE_KINDS.get(level_tag, level_tag)


_DRAWINGS = {"outline": heroicons.heroicon_outline, "mini": heroicons.heroicon_mini}
_QUIET = {"class": "icon", "aria-hidden": "true", "focusable": "false"}


@register.simple_tag
@lru_cache(maxsize=256)  # a page draws the same few icons again and again
def icon(name: str, size: int = 20, style: str = "outline") -> str:
    """Draw an icon that goes with a word: nothing is said of it to those who listen to the page."""
    return _DRAWINGS[style](name, size=size, **_QUIET)


@register.simple_tag
def platform_version() -> str:
    """Return the version shown at the foot of every page."""
    return settings.VERSION
