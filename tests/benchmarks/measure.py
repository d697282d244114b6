"""Timing and reporting shared by the benchmarks."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True)
class Timing:
    """Durations of one work, in seconds."""

    median: float
    p95: float


def timed(
    work: Callable[[], object], *, runs: int, warm_up: int = 3, clock: Clock = time.perf_counter
) -> Timing:
    """Return the median and the 95th percentile of `runs` calls, after a few that do not count.

    `clock` may be `time.process_time` for work that only calculates: a busy machine does not change it.
    """
    for _ in range(warm_up):
        work()
    durations = sorted(_duration(work, clock) for _ in range(runs))
    return Timing(statistics.median(durations), durations[min(runs - 1, int(runs * 0.95))])


def ratio(
    work: Callable[[], object], yardstick: Callable[[], object], *, runs: int, warm_up: int = 10
) -> float:
    """Return how many times longer `work` takes than `yardstick`, in turn: a slow moment slows both."""
    for _ in range(warm_up):
        work()
        yardstick()
    pairs = [(_duration(work), _duration(yardstick)) for _ in range(runs)]
    return statistics.median(first for first, _ in pairs) / statistics.median(second for _, second in pairs)


def _duration(work: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start


def report(name: str, measured: float, budget: float, unit: str) -> None:
    """Print one line of the report and fail when the budget is passed."""
    print(f"\n{name:<58} {measured:>9.2f} {unit:<7} budget {budget:>7.2f}   × {measured / budget:.2f}")
    assert measured <= budget, f"{name}: {measured:.2f} {unit} is over the budget of {budget}"
