"""What holds for any contract, however often its terms change and whatever was received in between."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from funding.engine import (
    DifferenceKind,
    InstalmentKind,
    LineKey,
    PaymentSchedule,
    ScheduleLine,
    Totals,
    by_contract_year,
    differences,
    lines_of,
    settle,
    total_amount,
    total_delta,
)
from funding.engine.lines import in_order
from tests.funding.engine.contracts import computed, contracts, signatures, steady

NOTHING = Totals(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Statement:
    """One computation: the schedule, the day, what had been received, and the lines that came out."""

    schedule: PaymentSchedule
    as_of: date
    received: tuple[ScheduleLine, ...]
    lines: tuple[ScheduleLine, ...]


@st.composite
def histories(draw: st.DrawFn) -> list[Statement]:
    """Up to four statements of one contract, lines of any of them being received in between."""
    signed_on = draw(signatures)
    days = draw(st.lists(st.integers(-30, 7 * 365), min_size=1, max_size=4).map(sorted))
    history: list[Statement] = []
    for day in days:
        schedule = computed(draw(contracts(st.just(signed_on))))
        received = draw(receipts(history))
        as_of = signed_on + timedelta(days=day)
        previous = history[-1].lines if history else ()
        lines = settle(schedule, received, previous=previous, as_of=as_of)
        history.append(Statement(schedule, as_of, received, lines))
    return history


@st.composite
def receipts(draw: st.DrawFn, history: Sequence[Statement]) -> tuple[ScheduleLine, ...]:
    """What was received before, and some lines of any statement, each key once."""
    received = {line.key: line for statement in history for line in statement.received}
    for statement in history:
        for line in draw(some(statement.lines)):
            received.setdefault(line.key, line)
    return tuple(received.values())


def some(lines: Sequence[ScheduleLine]) -> st.SearchStrategy[list[ScheduleLine]]:
    """Any part of these lines."""
    masks = st.integers(0, 2 ** len(lines) - 1)
    return masks.map(lambda mask: [line for rank, line in enumerate(lines) if mask >> rank & 1])


def sums_by_family(lines: Sequence[ScheduleLine]) -> dict[LineKey, Decimal]:
    sums: dict[LineKey, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.settles or line.key] += line.amount
    return {key: amount for key, amount in sums.items() if amount}


def worth_something(totals: dict[int, Totals]) -> dict[int, Totals]:
    return {year: of_year for year, of_year in totals.items() if of_year != NOTHING}


@steady
@given(contracts())
def test_no_two_lines_of_a_schedule_have_one_key(terms):
    lines = lines_of(computed(terms))
    assert len({line.key for line in lines}) == len(lines)
    assert all(line.settles is None and line.kind is line.key.kind for line in lines)


@steady
@given(contracts())
def test_the_order_of_the_schedule_is_that_of_the_statement(terms):
    schedule = computed(terms)
    assert in_order(reversed(lines_of(schedule)), schedule.years) == lines_of(schedule)


@steady
@given(histories())
def test_all_that_is_settled_adds_up_to_what_the_latest_terms_give(history):
    for statement in history:
        assert total_amount(statement.lines) == statement.schedule.total
        assert sums_by_family(statement.lines) == sums_by_family(lines_of(statement.schedule))
        expected = worth_something(statement.schedule.by_contract_year())
        assert worth_something(by_contract_year(statement.lines)) == expected


@steady
@given(histories())
def test_received_lines_are_never_altered(history):
    for statement in history:
        assert set(statement.received) <= set(statement.lines)


@steady
@given(histories())
def test_lines_have_one_key_each_and_are_in_order(history):
    for statement in history:
        lines = statement.lines
        assert len({line.key for line in lines}) == len(lines)
        assert in_order(lines, statement.schedule.years) == lines
        assert [line.due_on for line in lines] == sorted(line.due_on for line in lines)


@steady
@given(histories())
def test_an_adjustment_is_worth_something_and_falls_on_an_anniversary(history):
    for statement in history:
        settled = {line.settles or line.key for line in statement.received}
        anniversaries = {year.next_anniversary for year in statement.schedule.years}
        for line in statement.lines:
            if line.kind is InstalmentKind.ADJUSTMENT:
                assert line.amount
                assert line.settles in settled
                assert line.due_on in anniversaries
                assert line.due_on < line.payable_by
                assert len(line.explanation.splitlines()) == 1


@steady
@given(histories(), st.integers(0, 3 * 365), st.data())
def test_neither_time_nor_payments_change_a_statement(history, days, data):
    last = history[-1]
    paid = {line.key: line for line in (*last.received, *data.draw(some(last.lines)))}
    later = last.as_of + timedelta(days=days)
    assert settle(last.schedule, list(paid.values()), previous=last.lines, as_of=later) == last.lines


@steady
@given(histories())
def test_differences_lead_from_one_statement_to_the_next(history):
    old, new = history[0].lines, history[-1].lines
    changes = differences(old, new)
    lines = {line.key: line for line in old}
    for change in changes:
        if change.kind is DifferenceKind.REMOVED:
            del lines[change.line.key]
        else:
            lines[change.line.key] = change.line
    assert {(line.key, line.due_on, line.payable_by, line.amount) for line in lines.values()} == {
        (line.key, line.due_on, line.payable_by, line.amount) for line in new
    }
    assert total_delta(changes) == total_amount(new) - total_amount(old)
    assert total_delta(differences(new, old)) == -total_delta(changes)
    assert differences(new, new) == ()
