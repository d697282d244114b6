"""Fingerprint of a content: the same content has the same one, whoever computes it and when."""

import hashlib
import json
import re
from typing import Any

from django.conf import settings
from django.urls import reverse

_SEPARATORS = re.compile(r"[\s\u00a0\u202f-]+")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_GROUP = 8


def fingerprint_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 (64 hexadecimal characters) of a content of JSON values.

    Keys are sorted and there are no blanks: key order does not count. Raises TypeError for anything that is
    not JSON, floats that are not numbers included (ValueError).
    """
    canonical = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


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
