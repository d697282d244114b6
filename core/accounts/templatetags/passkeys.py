"""Tags of pages that talk to passkeys: `{% load passkeys %}`."""

from dataclasses import dataclass
from ipaddress import ip_address

from django import template
from django.http.request import split_domain_port
from django.template import Context

register = template.Library()


@dataclass(frozen=True)
class Obstacle:
    """Why passkeys cannot work at the address being visited, and the address where they do."""

    better_url: str


@register.simple_tag(takes_context=True)
def passkey_obstacle(context: Context) -> Obstacle | None:
    """Return what stands in the way at this address, or None.

    A passkey belongs to a domain name: browsers refuse those of an IP address (WebAuthn, "effective domain").
    Only trials on one machine meet it, where `localhost` is the name to use.
    """
    request = context["request"]
    host, port = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return None
    suffix = f":{port}" if port else ""
    return Obstacle(f"{request.scheme}://localhost{suffix}{request.path}")
