"""What was received is never rewritten: a difference becomes an adjustment at the next anniversary."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from funding.engine import (
    ContractTerms,
    InstalmentKind,
    LineKey,
    PaymentSchedule,
    ScheduleLine,
    Share,
    by_calendar_year,
    by_contract_year,
    by_date,
    compute_schedule,
    due_dates,
    lines_of,
    settle,
    total_amount,
)
from tests.funding.engine.builders import ACI_2019, AVENANT_2, contract, schedule, with_rules

SIZE_1 = {"size": 1, "missions": {"parcours": date(2023, 3, 15)}}
SIZE_2 = SIZE_1 | {"size": 2}

Row = tuple[str, int, str, str, str, int, str]


def row(line: ScheduleLine) -> Row:
    """A line to read: due date, contract year, mission, share, kind, rank, amount."""
    key = line.key
    day, kind = line.due_on.isoformat(), line.kind.value
    return day, key.contract_year, key.mission, key.share.value, kind, key.rank, str(line.amount)


def adjustments(lines: tuple[ScheduleLine, ...]) -> list[Row]:
    return [row(line) for line in lines if line.kind is InstalmentKind.ADJUSTMENT]


def due_by(lines: tuple[ScheduleLine, ...], day: date) -> list[ScheduleLine]:
    """The lines that a CPTS whose every payment comes on its day has received by then."""
    return [line for line in lines if line.due_on <= day]


def settled(computed: PaymentSchedule, received: Any, as_of: date, previous: Any = ()) -> Any:
    return settle(computed, received, previous=previous, as_of=as_of)


def said(line: ScheduleLine) -> str:
    """The explanation, with ordinary spaces."""
    return line.explanation.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_first_statement_is_the_schedule():
    computed = schedule(**SIZE_1)
    assert settled(computed, [], date(2023, 3, 15)) == lines_of(computed)


def test_a_line_of_the_schedule_says_all_that_the_schedule_says():
    computed = schedule(**SIZE_1)
    line, instalment = lines_of(computed)[1], computed.instalments[1]
    assert line == ScheduleLine(
        key=LineKey(1, "parcours", Share.FIXED, InstalmentKind.ADVANCE),
        due_on=date(2023, 3, 15),
        payable_by=date(2023, 5, 15),
        mission_label=instalment.explanation.entitlement.mission_label,
        amount=Decimal("18750.00"),
        explanation=instalment.explanation.text,
    )
    assert (line.contract_year, line.mission, line.share) == (1, "parcours", Share.FIXED)
    assert (line.kind, line.settles) == (InstalmentKind.ADVANCE, None)


def test_what_was_received_too_little_comes_at_the_next_anniversary():
    """Size 2 instead of 1, learnt in June 2023, when the signature was already paid."""
    first = lines_of(schedule(**SIZE_1))
    received = due_by(first, date(2023, 6, 1))
    lines = settled(schedule(**SIZE_2), received, date(2023, 6, 1), first)
    assert [row(line) for line in lines if line.due_on <= date(2024, 3, 15)] == [
        ("2023-03-15", 1, "fonctionnement", "operating", "full", 0, "50000.00"),
        ("2023-03-15", 1, "parcours", "fixed", "advance", 0, "18750.00"),
        ("2024-03-15", 1, "parcours", "fixed", "balance", 0, "8750.00"),
        ("2024-03-15", 1, "parcours", "variable", "variable", 0, "35000.00"),
        ("2024-03-15", 2, "fonctionnement", "operating", "advance", 0, "45000.00"),
        ("2024-03-15", 2, "parcours", "fixed", "advance", 0, "26250.00"),
        ("2024-03-15", 1, "fonctionnement", "operating", "adjustment", 1, "10000.00"),
        ("2024-03-15", 1, "parcours", "fixed", "adjustment", 1, "7500.00"),
    ]
    assert lines[:2] == first[:2]
    assert total_amount(lines) == schedule(**SIZE_2).total


def test_what_was_received_too_much_is_taken_back_at_the_next_anniversary():
    first = lines_of(schedule(**SIZE_2))
    lines = settled(schedule(**SIZE_1), due_by(first, date(2023, 6, 1)), date(2023, 6, 1), first)
    assert adjustments(lines) == [
        ("2024-03-15", 1, "fonctionnement", "operating", "adjustment", 1, "-10000.00"),
        ("2024-03-15", 1, "parcours", "fixed", "adjustment", 1, "-7500.00"),
    ]


def test_an_adjustment_settles_a_line_and_explains_itself():
    first = lines_of(schedule(**SIZE_1))
    lines = settled(schedule(**SIZE_2), due_by(first, date(2023, 6, 1)), date(2023, 6, 1), first)
    operating, fixed = (line for line in lines if line.settles)
    assert (operating.settles, fixed.settles) == (first[0].key, first[1].key)
    assert fixed.mission_label == first[1].mission_label
    assert fixed.payable_by == date(2024, 5, 15)
    assert said(operating) == (
        "Fonctionnement, taille 2, année 1 : 60 000 €. "
        "Soit 60 000,00 € dus − 50 000,00 € déjà reçus (échéance du 15 mars 2023) = 10 000,00 €. "
        "Régularisation à la date anniversaire. Avenant 2 à l’ACI des CPTS."
    )
    assert said(fixed) == (
        "Parcours pluriprofessionnels, volet fixe, taille 2, année 1 : 35 000 € × 75 % = 26 250,00 €. "
        "Soit 26 250,00 € dus − 18 750,00 € déjà reçus (échéance du 15 mars 2023) = 7 500,00 €. "
        "Régularisation à la date anniversaire. Avenant 2 à l’ACI des CPTS."
    )


def test_a_line_that_is_no_longer_due_is_taken_back_whole():
    """The mission never started: its advance comes back, and nothing else of it is due."""
    first = lines_of(schedule(**SIZE_1))
    lines = settled(schedule(), due_by(first, date(2023, 6, 1)), date(2023, 6, 1), first)
    assert adjustments(lines) == [
        ("2024-03-15", 1, "parcours", "fixed", "adjustment", 1, "-18750.00"),
    ]
    assert {line.key.rank for line in lines if line.mission == "parcours"} == {0, 1}
    assert said(next(line for line in lines if line.settles)) == (
        "Parcours pluriprofessionnels, année 1 : versement qui n’est plus dû. "
        "Soit 0,00 € dus − 18 750,00 € déjà reçus (échéance du 15 mars 2023) = −18 750,00 €. "
        "Régularisation à la date anniversaire. Avenant 2 à l’ACI des CPTS."
    )


def test_a_date_that_moves_alone_leaves_what_was_received_where_it_was():
    earlier = schedule(missions={"parcours": date(2024, 3, 15)}, proration="months")
    slower = compute_schedule(earlier.terms, [with_rules(AVENANT_2, payable_within_months=3)])
    first = lines_of(earlier)
    lines = settled(slower, first[:1], date(2023, 6, 1), first)
    assert lines[0] == first[0]
    assert {line.payable_by for line in lines[1:]}.isdisjoint({line.payable_by for line in first})
    assert adjustments(lines) == []


@pytest.mark.parametrize(
    ("as_of", "due_on"),
    [
        (date(2023, 1, 1), "2024-03-15"),  # the signature is not an anniversary
        (date(2024, 3, 14), "2024-03-15"),
        (date(2024, 3, 15), "2025-03-15"),
        (date(2028, 3, 14), "2028-03-15"),
        (date(2028, 3, 15), "2028-03-15"),  # none is left: the last one
        (date(2031, 1, 1), "2028-03-15"),
    ],
)
def test_an_adjustment_falls_on_the_first_anniversary_after_the_computation(as_of, due_on):
    first = lines_of(schedule())
    lines = settled(schedule(size=2), first[:1], as_of)
    assert adjustments(lines) == [(due_on, 1, "fonctionnement", "operating", "adjustment", 1, "10000.00")]


def test_an_adjustment_is_payable_within_the_delay_of_the_text_of_its_year():
    slower = with_rules(AVENANT_2, payable_within_months=3)
    terms = contract(signed_on=date(2021, 6, 1))
    texts = [ACI_2019, slower]
    first = lines_of(compute_schedule(terms, texts))
    lines = settled(compute_schedule(replace(terms, size=2), texts), first[:2], date(2023, 7, 1), first)
    assert [(line.contract_year, line.due_on, line.payable_by) for line in lines if line.settles] == [
        (1, date(2024, 6, 1), date(2024, 8, 1)),
        (2, date(2024, 6, 1), date(2024, 9, 1)),
    ]


def test_successive_adjustments_of_one_line_are_told_apart_even_on_one_day():
    """After the end of the contract every correction falls on the last anniversary."""
    end, ranks = date(2028, 3, 15), []
    lines = lines_of(schedule(size=1))
    received = list(lines)
    for size in (2, 3, 1):
        lines = settled(schedule(size=size), received, end, lines)
        new = [line for line in lines if line.settles and line.contract_year == 1 and line not in received]
        ranks += [row(line) for line in new]
        received = list(lines)
    assert ranks == [
        ("2028-03-15", 1, "fonctionnement", "operating", "adjustment", 1, "10000.00"),
        ("2028-03-15", 1, "fonctionnement", "operating", "adjustment", 2, "15000.00"),
        ("2028-03-15", 1, "fonctionnement", "operating", "adjustment", 3, "-25000.00"),
    ]
    assert total_amount(lines) == schedule(size=1).total
    assert (
        "75 000,00 € déjà reçus (échéance du 15 mars 2023, régularisations comprises) = −25 000,00 €"
        in said(next(line for line in lines if line.key.rank == 3))
    )


def test_a_pending_adjustment_is_computed_again_and_never_carried():
    first = lines_of(schedule(size=1))
    second = settled(schedule(size=2), first[:1], date(2023, 6, 1), first)
    assert len(adjustments(second)) == 1
    assert settled(schedule(size=1), first[:1], date(2023, 7, 1), second) == first
    third = settled(schedule(size=3), first[:1], date(2023, 7, 1), second)
    assert adjustments(third) == [
        ("2024-03-15", 1, "fonctionnement", "operating", "adjustment", 1, "25000.00"),
    ]


def test_an_adjustment_that_has_fallen_due_waits_for_its_payment_on_its_day():
    """On the anniversary itself the statement of the new year must not push it a year further."""
    first = lines_of(schedule(size=1))
    second = settled(schedule(size=2), first[:1], date(2023, 6, 1), first)
    assert settled(schedule(size=2), first[:1], date(2024, 3, 15), second) == second
    assert settled(schedule(size=2), first[:1], date(2026, 1, 1), second) == second


def test_an_adjustment_that_has_fallen_due_moves_when_its_amount_changes():
    first = lines_of(schedule(size=1))
    second = settled(schedule(size=2), first[:1], date(2023, 6, 1), first)
    third = settled(schedule(size=3), first[:1], date(2024, 4, 1), second)
    assert adjustments(third) == [
        ("2025-03-15", 1, "fonctionnement", "operating", "adjustment", 1, "25000.00"),
    ]


def test_an_adjustment_that_has_not_fallen_due_follows_a_corrected_signature():
    first = lines_of(schedule(size=1))
    second = settled(schedule(size=2), first[:1], date(2023, 6, 1), first)
    corrected = schedule(size=2, signed_on=date(2023, 4, 15))
    third = settled(corrected, first[:1], date(2023, 6, 1), second)
    assert [line[0] for line in adjustments(third)] == ["2024-04-15"]


def test_an_adjustment_received_without_its_line_still_counts():
    """Somebody withdrew a receipt recorded by mistake: the sum holds, and the next key is a new one."""
    first = lines_of(schedule(size=1))
    second = settled(schedule(size=2), first[:1], date(2023, 6, 1), first)
    [adjustment] = [line for line in second if line.settles]
    lines = settled(schedule(size=2), [adjustment], date(2025, 1, 1), second)
    assert adjustments(lines) == [
        ("2024-03-15", 1, "fonctionnement", "operating", "adjustment", 1, "10000.00"),
        ("2025-03-15", 1, "fonctionnement", "operating", "adjustment", 2, "50000.00"),
    ]
    assert total_amount(lines) == schedule(size=2).total


def test_a_received_line_of_a_mission_that_the_text_no_longer_has_comes_last_of_its_year():
    starts = {"prevention": date(2023, 3, 15), "crise_sanitaire": date(2023, 3, 15)}
    crisis = [line for line in lines_of(schedule(missions=starts)) if line.mission == "crise_sanitaire"]
    former = schedule(missions={"prevention": date(2023, 3, 15)}, bareme="aci-2019")
    lines = settled(former, crisis[:1], date(2023, 6, 1))
    assert [line.mission for line in lines[:3]] == ["fonctionnement", "prevention", "crise_sanitaire"]


def test_a_line_received_twice_is_refused():
    line = lines_of(schedule())[0]
    with pytest.raises(ValueError, match="two lines for LineKey"):
        settled(schedule(), [line, replace(line, amount=Decimal("1.00"))], date(2023, 6, 1))


def test_sums_count_an_adjustment_for_the_year_and_share_of_its_line_and_for_its_own_day():
    before, after = schedule(**SIZE_1), schedule(**SIZE_2)
    first = lines_of(before)
    lines = settled(after, due_by(first, date(2023, 6, 1)), date(2023, 6, 1), first)
    assert by_contract_year(lines) == after.by_contract_year()
    assert by_calendar_year(lines)[2023] == before.by_calendar_year()[2023]
    assert by_calendar_year(lines)[2024].operating == 45_000 + 10_000
    assert by_calendar_year(lines)[2024].fixed == 8_750 + 26_250 + 7_500
    assert by_date(lines)[date(2024, 3, 15)] == 8_750 + 35_000 + 45_000 + 26_250 + 10_000 + 7_500
    assert due_dates(lines)[1].lines[-1].kind is InstalmentKind.ADJUSTMENT
    assert due_dates(lines)[1].payable_by == date(2024, 5, 15)


def test_the_longest_explanation_of_an_adjustment_stays_readable():
    missions = {mission.code: date(2023, 9, 16) for mission in AVENANT_2.missions}
    terms = ContractTerms(signed_on=date(2023, 3, 15), size=3, missions=missions, crisis_years=frozenset({1}))
    first = lines_of(compute_schedule(terms, [AVENANT_2]))
    changed = replace(terms, size=2, default_attainment=Decimal("0.8333"))
    lines = settled(compute_schedule(changed, [AVENANT_2]), first, date(2028, 3, 15))
    texts = [line.explanation for line in lines if line.settles]
    assert len(texts) == len(first)
    assert max(map(len, texts)) < 380
