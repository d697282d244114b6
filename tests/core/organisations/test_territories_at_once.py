"""Two coordinators, or two clicks, deciding the territory of one CPTS at the same time."""

from datetime import date

import pytest

from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from core.organisations.models import Cpts, TerritoryVersion
from tests.factories.decisions import decide
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once


@pytest.fixture
def cpts(granville, shared_base) -> Cpts:
    """Return a CPTS that every thread sees."""
    return CptsFactory()


def entries() -> int:
    return AuditEntry.objects.filter(action="organisations.territory_decided").count()


def test_two_clicks_at_once_decide_one_territory(cpts):
    first, second = at_once([lambda: decide(cpts, communes=["50218"], seen=0)] * 2)

    assert first == second == TerritoryVersion.objects.get()
    assert entries() == 1


def test_of_two_decisions_on_what_was_shown_one_is_stale(cpts):
    seen = decide(cpts, communes=["50218"]).pk
    june = date(2026, 6, 1)

    results = at_once(
        [
            lambda: decide(cpts, communes=["50361"], starts_on=june, seen=seen),
            lambda: decide(cpts, communes=["50647"], starts_on=june, seen=seen),
        ]
    )

    assert sum(isinstance(result, StaleError) for result in results) == 1
    assert TerritoryVersion.objects.filter(ends_on=None).count() == 1
    assert TerritoryVersion.objects.count() == entries() == 2
