"""A new statement beside what was received: nothing paid is rewritten, differences become adjustments."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from funding.engine.contract_years import ContractYear
from funding.engine.french import NBSP, euros, long_date
from funding.engine.instalments import Instalment
from funding.engine.lines import LineKey, ScheduleLine, by_key, family, in_order, key_of, line_of
from funding.engine.money import NOTHING
from funding.engine.schedule import PaymentSchedule
from funding.engine.sums import total_amount

Families = Mapping[LineKey, Sequence[ScheduleLine]]
"""What was received, by line of the schedule: the line, then its adjustments."""


def settle(
    schedule: PaymentSchedule,
    received: Sequence[ScheduleLine],
    *,
    previous: Sequence[ScheduleLine],
    as_of: date,
) -> tuple[ScheduleLine, ...]:
    """The lines of a new statement (domain reference, section 5, settings: a change and what was paid).

    In: what the terms of today give; every line ever received, of whatever statement, as it was written
    there; the lines of the statement before, none for the first; the day of the computation. Out: received
    lines untouched, the schedule for all the rest, and for each received line that the schedule no longer
    gives as it was settled one adjustment, positive or negative, at the next anniversary. All of it adds up
    to the total of the schedule. Raises ValueError when a line is given twice.
    """
    families = _families(received)
    pending = (
        line_of(instalment) for instalment in schedule.instalments if key_of(instalment) not in families
    )
    announced = by_key(previous)
    adjustments = (
        _on_its_day(adjustment, announced.get(adjustment.key), as_of)
        for adjustment in _adjustments(schedule, families, next_anniversary(schedule.years, as_of))
    )
    return in_order((*received, *pending, *adjustments), schedule.years)


def next_anniversary(years: Sequence[ContractYear], day: date) -> date:
    """The first anniversary after this day, the last one when there is none left (rule of ours)."""
    return next(
        (year.next_anniversary for year in years if day < year.next_anniversary), years[-1].next_anniversary
    )


def _families(received: Sequence[ScheduleLine]) -> Families:
    families: dict[LineKey, list[ScheduleLine]] = defaultdict(list)
    for line in sorted(by_key(received).values(), key=lambda line: line.key.rank):
        families[family(line.key)].append(line)
    return families


def _adjustments(schedule: PaymentSchedule, families: Families, due_on: date) -> Iterator[ScheduleLine]:
    """One line for each family whose settled amounts are not what the schedule now gives."""
    instalments = {key_of(instalment): instalment for instalment in schedule.instalments}
    for key, settled in families.items():
        instalment = instalments.get(key)
        if total_amount(settled) != _due(instalment):
            yield _adjustment(key, settled, instalment, schedule.years[key.contract_year - 1], due_on)


def _due(instalment: Instalment | None) -> Decimal:
    return instalment.amount if instalment else NOTHING


def _adjustment(
    key: LineKey,
    settled: Sequence[ScheduleLine],
    instalment: Instalment | None,
    year: ContractYear,
    due_on: date,
) -> ScheduleLine:
    """The line that brings what was settled for a key to what is due: nothing without an instalment."""
    return ScheduleLine(
        key=replace(key, rank=settled[-1].key.rank + 1),
        due_on=due_on,
        payable_by=year.payable_by(due_on),
        mission_label=settled[0].mission_label,
        amount=_due(instalment) - total_amount(settled),
        explanation=_text(settled, instalment, year),
    )


def _text(settled: Sequence[ScheduleLine], instalment: Instalment | None, year: ContractYear) -> str:
    """On one line, as the explanations of the schedule: the new sum, what was received, the difference."""
    if instalment:
        basis = f"{instalment.explanation.subject}{NBSP}: {instalment.explanation.calculation}"
    else:
        basis = f"{settled[0].mission_label}, année {year.number}{NBSP}: versement qui n’est plus dû"
    due, paid = _due(instalment), total_amount(settled)
    origin = f"échéance du {long_date(settled[0].due_on)}"
    if len(settled) > 1:
        origin += ", régularisations comprises"
    received = f"{euros(paid)} déjà reçus ({origin})"
    difference = f"Soit {euros(due)} dus − {received} = {euros(due - paid)}"
    return f"{basis}. {difference}. Régularisation à la date anniversaire. {year.bareme.title}."


def _on_its_day(adjustment: ScheduleLine, announced: ScheduleLine | None, as_of: date) -> ScheduleLine:
    """An adjustment that has fallen due as announced waits for its payment where it is.

    Without this, computing again on the anniversary would push it a year further, for ever.
    """
    if announced is not None and announced.due_on <= as_of and announced.amount == adjustment.amount:
        return announced
    return adjustment
