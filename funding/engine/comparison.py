"""What changed from one statement to the next, line by line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funding.engine.enums import DifferenceKind
from funding.engine.lines import ScheduleLine, by_key
from funding.engine.money import NOTHING


@dataclass(frozen=True, slots=True)
class LineDifference:
    """One line before and after: `before` is None when it was added, `after` when it was removed."""

    before: ScheduleLine | None
    after: ScheduleLine | None

    @property
    def kind(self) -> DifferenceKind:
        """What became of the line."""
        if self.before is None:
            return DifferenceKind.ADDED
        return DifferenceKind.REMOVED if self.after is None else DifferenceKind.CHANGED

    @property
    def line(self) -> ScheduleLine:
        """The line as it is, or as it was when it was removed."""
        return next(line for line in (self.after, self.before) if line is not None)

    @property
    def delta(self) -> Decimal:
        """What the line gains, in euros; negative when it loses, zero when only a date moved."""
        return _amount(self.after) - _amount(self.before)


def differences(old: Sequence[ScheduleLine], new: Sequence[ScheduleLine]) -> tuple[LineDifference, ...]:
    """What was added, removed, or changed in amount or dates from a statement to a newer one.

    In: the lines of both, in order. Out: differences in order of due date, adjustments last of their day,
    then contract year; on an equal footing, what is in the new statement in its order, then what left it.
    Raises ValueError when a statement gives a line twice.
    """
    return tuple(sorted(_differences(old, new), key=_position))


def total_delta(changes: Iterable[LineDifference]) -> Decimal:
    """What the whole schedule gains by these differences, in euros."""
    return sum((change.delta for change in changes), NOTHING)


def _differences(old: Sequence[ScheduleLine], new: Sequence[ScheduleLine]) -> Iterator[LineDifference]:
    before, after = by_key(old), by_key(new)
    for key, line in after.items():
        former = before.get(key)
        if former is None or _shown(former) != _shown(line):
            yield LineDifference(former, line)
    for key, line in before.items():
        if key not in after:
            yield LineDifference(line, None)


def _shown(line: ScheduleLine) -> tuple[date, date, Decimal]:
    return line.due_on, line.payable_by, line.amount


def _position(change: LineDifference) -> tuple[date, bool, int]:
    line = change.line
    return line.due_on, line.settles is not None, line.contract_year


def _amount(line: ScheduleLine | None) -> Decimal:
    return line.amount if line else NOTHING
