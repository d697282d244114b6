"""The schedules of the whole country: an anniversary of a thousand contracts, database included."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from funding.domain import anniversaries
from funding.domain.anniversaries import look_at_contracts
from funding.models import Statement
from tests.benchmarks.measure import report, timed
from tests.benchmarks.national import COUNT, NOW

pytestmark = pytest.mark.benchmark

_A_YEAR = timedelta(days=365)
_PAGE_IN_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def resident() -> float:
    """Return the memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_IN_MB


@pytest.mark.django_db
def test_an_anniversary_of_every_contract(monkeypatch):
    """Each contract running gets its statement of a hundred lines, its PDF job and its notices."""
    before = Statement.objects.count()
    sizes = []
    look_at = anniversaries.look_at

    def watched(contract_id, **values):
        look_at(contract_id, **values)
        sizes.append(resident())

    monkeypatch.setattr(anniversaries, "look_at", watched)
    # SQLite works in this very process: its processor time is the whole of it, on a busy machine too.
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    started = clock()
    looked_at = look_at_contracts(now=NOW + _A_YEAR)
    seconds = clock() - started

    assert looked_at == COUNT
    statements = Statement.objects.count() - before
    assert statements >= COUNT * 0.95
    report(f"{statements} schedules recomputed and stored", seconds * COUNT / statements, 60, "s")
    # The first ones warm the caches.
    report("memory taken by the last nine tenths of them", sizes[-1] - sizes[COUNT // 10], 30, "MB")


@pytest.mark.django_db
def test_looking_when_nothing_happened():
    """What the scheduler does every hour of the year."""
    look_at_contracts(now=NOW)
    timing = timed(lambda: look_at_contracts(now=NOW), runs=5, warm_up=1)
    report("looking at a thousand contracts in vain", timing.median * 1000, 500, "ms")
