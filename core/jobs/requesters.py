"""Who asks, for rate limits, without keeping who they are."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

_SALT = "core.jobs.requesters"


def requester_of(request: HttpRequest) -> str:
    """Return an opaque keyed hash of the client's address (64 hexadecimal characters).

    An IPv6 client is known by its /64 network, which is what one subscriber gets.
    """
    return salted_hmac(_SALT, _network(client_address(request)), algorithm="sha256").hexdigest()


def client_address(request: HttpRequest) -> str:
    """Return the address seen by the outermost of our proxies; what lies further left can be forged."""
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(seen) >= settings.TRUSTED_PROXIES:
        return seen[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR", "")


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
