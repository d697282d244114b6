"""A small piece of the real geographic code: enough for Granville, the three cities and homonyms.

It is cut from the packaged file, whole EPCI by whole EPCI, so that every figure is the official one.
"""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.territories.domain.geographic_code import load_geographic_code, packaged_file
from core.territories.domain.package import write_geographic_code
from core.territories.models import Vintage

GRANVILLE, VILLEDIEU, FOUGERES = "200042604", "200043354", "200072452"
GRAND_PARIS, LYON_METROPOLE, AIX_MARSEILLE = "200054781", "200046977", "200054807"
SAINT_LO_AGGLO, CINOR = "200066389", "249740119"
_EPCI = {
    GRANVILLE, VILLEDIEU, FOUGERES, GRAND_PARIS, LYON_METROPOLE, AIX_MARSEILLE, SAINT_LO_AGGLO, CINOR,
}  # fmt: skip
# Ouessant (no EPCI), the Kerguelen (no figure), three more « Saint-Sauveur », Mamoudzou (another year).
_SINGLE = {"29155", "98412", "05156", "21571", "29262", "97611"}


@cache
def sample_code() -> dict[str, Any]:
    """Return the sample in the form of the packaged file; do not change it, copy it."""
    data = json.loads(gzip.decompress(packaged_file().read_bytes()))
    communes = [
        [*row[:4], row[4] if row[4] in _EPCI else None, row[5]]
        for row in data["communes"]
        if row[4] in _EPCI or row[0] in _SINGLE
    ]
    kept = {row[0] for row in communes}
    return data | {
        "epci": [row for row in data["epci"] if row[0] in _EPCI],
        "communes": communes,
        "former": [row for row in data["former"] if row[2] in kept],
    }


@pytest.fixture
def geographic_code_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of sample files: its keyword arguments replace keys of the sample."""

    def write(**changes: Any) -> Path:
        path = tmp_path / f"geographic-code-{len(list(tmp_path.iterdir()))}.json.gz"
        write_geographic_code({**sample_code(), **changes}, path)
        return path

    return write


@pytest.fixture
def granville(db: None, geographic_code_file: Callable[..., Path]) -> Vintage:
    """Load the sample and return its vintage, 2026."""
    return load_geographic_code(geographic_code_file()).vintage
