"""Territories decided for CPTS, on the sample of the geographic code."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from core.access.actors import PLATFORM
from core.organisations.domain.territories import decide_territory
from core.organisations.models import Cpts, TerritoryVersion
from core.territories.domain.selection import resolve_selection

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def decide(
    cpts: Cpts,
    *,
    epci: Sequence[str] = (),
    communes: Sequence[str] = (),
    starts_on: date = date(2026, 1, 1),
    now: datetime = NOW,
    **values: Any,
) -> TerritoryVersion:
    """Decide the territory made of these EPCI and communes, as the platform."""
    selection = resolve_selection(epci=epci, communes=communes)
    return decide_territory(cpts, selection, starts_on=starts_on, now=now, **({"by": PLATFORM} | values))
