"""What changed between two statements, line by line, for a person to read."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from funding.engine import DifferenceKind, ScheduleLine, differences, lines_of, settle, total_delta
from tests.funding.engine.builders import schedule

SIGNATURE = date(2023, 3, 15)


Row = tuple[str, str, str, str, str]


def read(old: tuple[ScheduleLine, ...], new: tuple[ScheduleLine, ...]) -> list[Row]:
    """Each difference: what happened, day, mission, kind of the line, delta."""
    return [
        (change.kind.value, line.due_on.isoformat(), line.mission, line.kind.value, str(change.delta))
        for change in differences(old, new)
        for line in [change.line]
    ]


def test_two_equal_statements_have_no_difference():
    lines = lines_of(schedule())
    assert differences(lines, lines) == ()
    assert total_delta(()) == 0


def test_a_mission_added_and_removed():
    without, with_it = lines_of(schedule()), lines_of(schedule(missions={"prevention": date(2028, 3, 14)}))
    assert read(without, with_it) == [
        ("added", "2028-03-14", "prevention", "advance", "20.49"),
        ("added", "2028-03-15", "prevention", "balance", "6.83"),
        ("added", "2028-03-15", "prevention", "variable", "27.32"),
    ]
    assert read(with_it, without) == [
        ("removed", "2028-03-14", "prevention", "advance", "-20.49"),
        ("removed", "2028-03-15", "prevention", "balance", "-6.83"),
        ("removed", "2028-03-15", "prevention", "variable", "-27.32"),
    ]
    assert total_delta(differences(with_it, without)) == Decimal("-54.64")


def test_a_later_start_moves_a_date_and_an_amount():
    early = lines_of(schedule(missions={"prevention": date(2028, 3, 13)}))
    late = lines_of(schedule(missions={"prevention": date(2028, 3, 14)}))
    first = differences(early, late)[0]
    assert first.kind is DifferenceKind.CHANGED
    assert (first.before.due_on, first.after.due_on) == (date(2028, 3, 13), date(2028, 3, 14))
    assert first.delta == first.after.amount - first.before.amount == Decimal("-20.49")


@pytest.mark.parametrize("dates", [{"due_on": date(2023, 3, 16)}, {"payable_by": date(2023, 6, 15)}])
def test_a_date_that_moves_alone_is_a_change_worth_nothing(dates):
    lines = lines_of(schedule())
    moved = (replace(lines[0], **dates), *lines[1:])
    [change] = differences(lines, moved)
    assert (change.kind, change.before, change.after) == (DifferenceKind.CHANGED, lines[0], moved[0])
    assert change.delta == 0


def test_other_words_for_the_same_money_are_no_difference():
    lines = lines_of(schedule())
    assert differences(lines, (replace(lines[0], explanation="Autrement dit."), *lines[1:])) == ()


def test_a_change_of_size_shows_adjustments_after_what_falls_due_that_day():
    """Size 2 from 1, the signature being paid: the received line is no difference, its adjustment is one."""
    first = lines_of(schedule(size=1))
    second = settle(schedule(size=2), first[:1], previous=first, as_of=date(2023, 6, 1))
    assert read(first, second)[:3] == [
        ("changed", "2024-03-15", "fonctionnement", "advance", "7500.00"),
        ("added", "2024-03-15", "fonctionnement", "adjustment", "10000.00"),
        ("changed", "2025-03-15", "fonctionnement", "balance", "2500.00"),
    ]
    assert total_delta(differences(first, second)) == 5 * 10_000


def test_what_remains_comes_before_what_left_on_the_same_day():
    both = schedule(missions={"acces_soins": SIGNATURE, "prevention": SIGNATURE})
    other = schedule(missions={"prevention": SIGNATURE}, size=2)
    changes = differences(lines_of(both), lines_of(other))
    assert [(change.kind.value, change.line.mission) for change in changes[:3]] == [
        ("changed", "fonctionnement"),
        ("changed", "prevention"),
        ("removed", "acces_soins"),
    ]


def test_a_line_given_twice_is_refused():
    lines = lines_of(schedule())
    with pytest.raises(ValueError, match="two lines"):
        differences(lines, (*lines, replace(lines[0], amount=Decimal("1.00"))))
