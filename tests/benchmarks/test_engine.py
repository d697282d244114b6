"""The engine alone."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest

from funding.domain.baremes import published_baremes
from funding.engine import ContractTerms, compute_schedule, differences, lines_of, settle
from tests.benchmarks.measure import report, timed

pytestmark = pytest.mark.benchmark

SIGNED_ON = date(2021, 3, 15)
MISSIONS = ("acces_soins", "parcours", "prevention", "qualite_pertinence", "accompagnement_ps")


def longest_contract() -> ContractTerms:
    """Every mission, both texts and the supplements: the longest schedule there is."""
    starts = {code: SIGNED_ON + timedelta(days=17 * rank) for rank, code in enumerate(MISSIONS)}
    return ContractTerms(
        signed_on=SIGNED_ON,
        size=2,
        missions=starts | {"crise_sanitaire": date(2023, 5, 1)},
        crisis_years=frozenset({3, 4, 5}),
        supplements=frozenset({"snp", "medecin_traitant"}),
    )


def test_five_year_schedule():
    terms, texts = longest_contract(), published_baremes()
    timing = timed(lambda: compute_schedule(terms, texts), runs=300, warm_up=30, clock=time.process_time)
    report("five-year schedule, engine alone", timing.median * 1000, 2, "ms")
    with_words = timed(
        lambda: [line.explanation.text for line in compute_schedule(terms, texts).instalments],
        runs=100,
        clock=time.process_time,
    )
    report("the same with every explanation in words", with_words.median * 1000, 4, "ms")


def test_statement_beside_what_was_received():
    """Half of the longest schedule is received, then its size changes: each received line is adjusted."""
    terms, texts = longest_contract(), published_baremes()
    first = lines_of(compute_schedule(terms, texts))
    changed, received = compute_schedule(replace(terms, size=3), texts), first[: len(first) // 2]
    as_of = received[-1].due_on
    second = settle(changed, received, previous=first, as_of=as_of)
    timing = timed(
        lambda: settle(changed, received, previous=first, as_of=as_of), runs=100, clock=time.process_time
    )
    report("statement beside what was received, words included", timing.median * 1000, 4, "ms")
    timing = timed(lambda: differences(first, second), runs=100, clock=time.process_time)
    report("differences between two statements", timing.median * 1000, 1, "ms")
