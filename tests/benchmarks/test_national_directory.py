"""Reading a file of the national directory as large as the real one, and the coverage that it serves."""

import io
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import repeat
from pathlib import Path

import pytest
from django.db.models import Count

from core.organisations.models import Cpts, TerritoryCommune
from members.domain.coverage import coverage_of
from members.domain.national_directory import load_directory
from tests.benchmarks.measure import report, timed
from tests.factories.directory import COLUMNS, NAME, PUBLISHED_ON, line

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
LINES, KEPT_EVERY = 2_000_000, 40
"""The real file has a little more; a large installation keeps one line in forty."""
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_PAGE = os.sysconf("SC_PAGE_SIZE")


class _Lines(io.RawIOBase):
    """A file made as it is read: it takes no memory itself."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._made = lines

    def readable(self) -> bool:
        return True

    def readline(self, _size: int | None = -1) -> bytes:
        return next(self._made, b"")


def _encoded(**values: str) -> bytes:
    return (line(**values) + "\r\n").encode()


def _lines(communes: list[str]) -> Iterator[bytes]:
    elsewhere = _encoded(commune="99999")
    yield ("|".join(COLUMNS) + "\r\n").encode()
    for rank in range(LINES // KEPT_EVERY):
        commune = communes[rank % len(communes)]
        yield _encoded(identifier=f"8{rank:011d}", last_name=f"ESSAI {rank}", commune=commune)
        yield from repeat(elsewhere, KEPT_EVERY - 1)


def _memory() -> float:
    """Return what the process holds, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6


def test_two_million_lines():
    cpts = Cpts.objects.annotate(registered=Count("members")).latest("registered", "pk")
    communes = _communes_of(cpts)
    held: list[float] = []
    start = time.perf_counter()
    reading = load_directory(
        NAME,
        _Lines(_lines(communes)),
        published_on=PUBLISHED_ON,
        now=NOW,
        report=lambda _lines_read: held.append(_memory()),
    )
    elapsed = time.perf_counter() - start
    assert (reading.edition.line_count, reading.edition.kept_count) == (LINES, LINES // KEPT_EVERY)
    print(f"\n{LINES / elapsed:,.0f} lines a second, {reading.edition.kept_count} professionals kept")
    report("national directory, two million lines", elapsed, 120, "s")
    report("national directory, growth of the memory", max(held) - held[0], 40, "MB")
    _coverage(cpts)


def _communes_of(cpts: Cpts) -> list[str]:
    """Return some communes of a CPTS, and nine times as many of others."""
    followed = TerritoryCommune.objects.filter(territory__ends_on=None)
    own = set(followed.filter(territory__cpts=cpts).values_list("code", flat=True)[:5])
    others = followed.exclude(territory__cpts=cpts).exclude(code__in=own).values_list("code", flat=True)
    return [*own, *others.distinct()[: 9 * len(own)]]


def _coverage(cpts: Cpts) -> None:
    """The largest registry of the country, against a tenth of fifty thousand professionals."""
    day = date(2026, 3, 2)
    timing = timed(lambda: coverage_of(cpts, day), runs=5)
    found = coverage_of(cpts, day)
    assert found is not None
    print(f"{len(found.practitioners)} professionals, {len(found.absent)} members elsewhere")
    report("coverage of the largest registry", timing.median * 1000, 600, "ms")
