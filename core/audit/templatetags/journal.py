"""The link from an object to its history."""

from typing import Any

from django import template
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from core.access.actors import HeldRoles
from core.audit.rules import can_read_history

register = template.Library()


@register.simple_tag(takes_context=True)
def history_of(context: dict[str, Any], cpts: Any, target: models.Model | None = None) -> str:
    """Return the address of the history of a CPTS, or of one of its objects; "" for who may not read it.

    `{% load journal %}{% history_of cpts contract as past %}`, then a link if `past` says something.
    """
    roles: HeldRoles = context["roles"]
    if roles.actor is None or not can_read_history(roles.actor, cpts):
        return ""
    page = reverse("history", args=[cpts.slug])
    if target is None:
        return page
    return f"{page}?{urlencode({'objet': f'{target._meta.label_lower}:{target.pk}'})}"
