"""The lines of a statement and what became of each: received, late, expected, still to come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funding.engine import (
    DueDate,
    InstalmentKind,
    LineKey,
    ScheduleLine,
    Share,
    due_dates,
    total_amount,
)
from funding.enums import LineState
from funding.models import Receipt, ReceiptLine, Statement, StatementLine

URGENCY = (LineState.LATE, LineState.EXPECTED, LineState.COMING, LineState.RECEIVED)
"""What somebody should look at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedLine(ScheduleLine):
    """A line of a stored statement, its row, and what became of it."""

    row_id: int
    state: LineState
    received_on: date | None

    @property
    def is_pending(self) -> bool:
        """Whether its money has not come in."""
        return self.state is not LineState.RECEIVED


@dataclass(frozen=True)
class FollowedDueDate(DueDate[FollowedLine]):
    """All that falls due on one day, and where it stands."""

    @property
    def state(self) -> LineState:
        """The most pressing state of its lines."""
        return min((line.state for line in self.lines), key=URGENCY.index)

    @property
    def pending(self) -> tuple[FollowedLine, ...]:
        """The lines whose money has not come in."""
        return tuple(line for line in self.lines if line.is_pending)

    @property
    def received(self) -> int:
        """How many lines were received."""
        return len(self.lines) - len(self.pending)

    @property
    def pending_amount(self) -> Decimal:
        """What is left to receive, in euros."""
        return total_amount(self.pending)


@dataclass(frozen=True)
class ScheduleSummary:
    """Where a whole schedule stands: amounts in euros; `next_due` is the first day with money to come."""

    total: Decimal
    received: Decimal
    late: Decimal
    expected: Decimal
    next_due: FollowedDueDate | None


def followed_lines(statement: Statement, *, today: date) -> tuple[FollowedLine, ...]:
    """Return the lines of a statement in order, each with its state on `today`; two queries."""
    received = standing_receipts(statement.contract_id)
    return tuple(
        _followed(row, received.get(_key_of(row)), today) for row in statement.lines.order_by("position")
    )


def followed_due_dates(lines: Iterable[FollowedLine]) -> list[FollowedDueDate]:
    """Return the days on which something is due; in: lines in order of due date."""
    return [FollowedDueDate(due.day, due.lines) for due in due_dates(lines)]


def summary_of(lines: Sequence[FollowedLine]) -> ScheduleSummary:
    """Return where these lines stand together."""
    coming = followed_due_dates(line for line in lines if line.state is LineState.COMING)
    return ScheduleSummary(
        total=total_amount(lines),
        received=_total_in(lines, LineState.RECEIVED),
        late=_total_in(lines, LineState.LATE),
        expected=_total_in(lines, LineState.EXPECTED),
        next_due=coming[0] if coming else None,
    )


def standing_receipts(contract_id: int) -> dict[LineKey, Receipt]:
    """Return the receipt that pays each line, those taken back left out; one query.

    Under the keys that lines keep: a receipt may name the line of an older statement.
    """
    rows = ReceiptLine.objects.filter(
        receipt__contract=contract_id, receipt__cancels=None, receipt__cancelled_by=None
    )
    return {_key_of(row.line): row.receipt for row in rows.select_related("line", "receipt")}


def line_of_row(row: StatementLine) -> ScheduleLine:
    """Return a stored line as the engine knows it."""
    return ScheduleLine(
        key=_key_of(row),
        due_on=row.due_on,
        payable_by=row.payable_by,
        mission_label=row.mission_label,
        amount=row.amount,
        explanation=row.explanation,
    )


def _key_of(row: StatementLine) -> LineKey:
    kind = InstalmentKind(row.settles or row.kind)
    return LineKey(row.contract_year, row.mission, Share(row.share), kind, row.rank)


def _followed(row: StatementLine, receipt: Receipt | None, today: date) -> FollowedLine:
    line, received_on = line_of_row(row), receipt.received_on if receipt else None
    return FollowedLine(
        key=line.key,
        due_on=line.due_on,
        payable_by=line.payable_by,
        mission_label=line.mission_label,
        amount=line.amount,
        explanation=line.explanation,
        row_id=row.pk,
        state=_state(line, received_on, today),
        received_on=received_on,
    )


def _state(line: ScheduleLine, received_on: date | None, today: date) -> LineState:
    if received_on is not None:
        return LineState.RECEIVED
    if line.payable_by < today:
        return LineState.LATE
    return LineState.EXPECTED if line.due_on <= today else LineState.COMING


def _total_in(lines: Iterable[FollowedLine], state: LineState) -> Decimal:
    return total_amount(line for line in lines if line.state is state)
