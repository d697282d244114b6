"""Fingerprints as people meet them: typed, printed, confirmed on a public page."""

import re

from django.conf import settings
from django.urls import reverse

_SEPARATORS = re.compile(r"[\s\u00a0\u202f-]+")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_GROUP = 8


def parse_fingerprint(typed: str) -> str | None:
    """Return the fingerprint typed or pasted by a person, None when it is not one.

    Blanks, hyphens and capitals do not matter.
    """
    bare = _SEPARATORS.sub("", typed).lower()
    return bare if _FINGERPRINT.fullmatch(bare) else None


def grouped(fingerprint: str) -> str:
    """Return a fingerprint as people read it: groups of eight characters."""
    return " ".join(fingerprint[start : start + _GROUP] for start in range(0, len(fingerprint), _GROUP))


def verification_url(fingerprint: str) -> str:
    """Return the public address that confirms a document, as printed in it."""
    return settings.SITE_URL + reverse("documents:verified", args=[fingerprint])
