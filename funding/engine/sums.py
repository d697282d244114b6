"""The sums of a schedule or of a statement: made here and nowhere else."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from funding.engine.enums import Share
from funding.engine.money import NOTHING


class Line(Protocol):
    """An amount in euros, for a share of a contract year, due on a day and payable by another."""

    @property
    def due_on(self) -> date: ...
    @property
    def payable_by(self) -> date: ...
    @property
    def contract_year(self) -> int: ...
    @property
    def share(self) -> Share: ...
    @property
    def amount(self) -> Decimal: ...


LineT = TypeVar("LineT", bound=Line)
Key = TypeVar("Key", int, date)


@dataclass(frozen=True, slots=True)
class Totals:
    """Amounts in euros, by share."""

    operating: Decimal
    fixed: Decimal
    variable: Decimal

    @property
    def total(self) -> Decimal:
        """The three shares together."""
        return self.operating + self.fixed + self.variable


@dataclass(frozen=True, slots=True)
class DueDate(Generic[LineT]):
    """All that falls due on one day, in the order of the schedule."""

    day: date
    lines: tuple[LineT, ...]

    @property
    def amount(self) -> Decimal:
        """What falls due that day, in euros."""
        return total_amount(self.lines)

    @property
    def payable_by(self) -> date:
        """The day by which all of it is paid: two texts that meet on an anniversary may give two delays."""
        return max(line.payable_by for line in self.lines)


def total_amount(lines: Iterable[Line]) -> Decimal:
    """The sum of these lines, in euros."""
    return sum((line.amount for line in lines), NOTHING)


def due_dates(lines: Iterable[LineT]) -> tuple[DueDate[LineT], ...]:
    """The days on which something is due; in: lines in order of due date."""
    days = _grouped(lines, lambda line: line.due_on)
    return tuple(DueDate(day, tuple(of_day)) for day, of_day in days.items())


def by_date(lines: Iterable[LineT]) -> dict[date, Decimal]:
    """Euros by due date; in: lines in order of due date."""
    return {due.day: due.amount for due in due_dates(lines)}


def by_contract_year(lines: Iterable[LineT]) -> dict[int, Totals]:
    """Totals by contract year, a line counting for the year whose entitlement it pays or corrects."""
    grouped = _grouped(lines, lambda line: line.contract_year)
    return {number: _totals(grouped[number]) for number in sorted(grouped)}


def by_calendar_year(lines: Iterable[LineT]) -> dict[int, Totals]:
    """Totals by calendar year of the due dates; in: lines in order of due date."""
    return {
        year: _totals(of_year) for year, of_year in _grouped(lines, lambda line: line.due_on.year).items()
    }


def _grouped(lines: Iterable[LineT], key: Callable[[LineT], Key]) -> dict[Key, list[LineT]]:
    groups: dict[Key, list[LineT]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return dict(groups)


def _totals(lines: Sequence[Line]) -> Totals:
    def of(share: Share) -> Decimal:
        return total_amount(line for line in lines if line.share is share)

    return Totals(operating=of(Share.OPERATING), fixed=of(Share.FIXED), variable=of(Share.VARIABLE))
