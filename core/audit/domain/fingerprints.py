"""Fingerprint of a content: the same content has the same one, whoever computes it and when."""

import hashlib
import json
from typing import Any


def fingerprint_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 (64 hexadecimal characters) of a content of JSON values.

    Keys are sorted and there are no blanks: key order does not count. Raises TypeError for anything that is
    not JSON, floats that are not numbers included (ValueError).
    """
    canonical = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
