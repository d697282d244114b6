"""The schedules of the whole country: an anniversary of a thousand contracts, database included."""

import time
import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection

from funding.domain import anniversaries
from funding.domain.anniversaries import look_at_contracts
from funding.models import Statement
from tests.benchmarks.measure import report, timed
from tests.benchmarks.national import COUNT, NOW

pytestmark = pytest.mark.benchmark

_NEXT_YEAR = NOW + timedelta(days=365)
_SAMPLE = 200


@pytest.mark.django_db
def test_an_anniversary_of_every_contract():
    """Each contract running gets its statement of a hundred lines, its PDF job and its notices."""
    before = Statement.objects.count()
    # SQLite works in this very process: its processor time is the whole of it, on a busy machine too.
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    started = clock()
    looked_at = look_at_contracts(now=_NEXT_YEAR)
    seconds = clock() - started

    statements = Statement.objects.count() - before
    assert (looked_at, statements) == (COUNT, COUNT)
    report(f"{statements} schedules recomputed and stored", seconds, 60, "s")


@pytest.mark.django_db
def test_memory_stays_flat(monkeypatch):
    """What Python holds after the first tenth of a sample, and at its end; the base itself is elsewhere."""
    held = []
    look_at, listed = anniversaries.look_at, anniversaries._to_look_at

    def watched(contract_id, **values):
        look_at(contract_id, **values)
        held.append(tracemalloc.get_traced_memory()[0])

    monkeypatch.setattr(anniversaries, "look_at", watched)
    monkeypatch.setattr(anniversaries, "_to_look_at", lambda today: listed(today)[:_SAMPLE])
    tracemalloc.start()
    look_at_contracts(now=_NEXT_YEAR)
    tracemalloc.stop()

    assert len(held) == _SAMPLE
    growth = (held[-1] - held[_SAMPLE // 10]) / 2**20
    report(f"memory taken by {_SAMPLE * 9 // 10} contracts after the first ones", growth, 2, "MB")


@pytest.mark.django_db
def test_looking_when_nothing_happened():
    """What the scheduler does every hour of the year."""
    look_at_contracts(now=NOW)
    timing = timed(lambda: look_at_contracts(now=NOW), runs=5, warm_up=1)
    report("looking at a thousand contracts in vain", timing.median * 1000, 500, "ms")
