"""The engine alone."""

import time
from datetime import date, timedelta

import pytest

from funding.domain.baremes import published_baremes
from funding.engine import ContractTerms, compute_schedule
from tests.benchmarks.measure import report, timed

pytestmark = pytest.mark.benchmark

SIGNED_ON = date(2021, 3, 15)
MISSIONS = ("acces_soins", "parcours", "prevention", "qualite_pertinence", "accompagnement_ps")


def test_five_year_schedule():
    """Every mission, both texts and the supplements: the longest schedule there is."""
    starts = {code: SIGNED_ON + timedelta(days=17 * rank) for rank, code in enumerate(MISSIONS)}
    terms = ContractTerms(
        signed_on=SIGNED_ON,
        size=2,
        missions=starts | {"crise_sanitaire": date(2023, 5, 1)},
        crisis_years=frozenset({3, 4, 5}),
        supplements=frozenset({"snp", "medecin_traitant"}),
    )
    texts = published_baremes()
    timing = timed(lambda: compute_schedule(terms, texts), runs=300, warm_up=30, clock=time.process_time)
    report("five-year schedule, engine alone", timing.median * 1000, 2, "ms")
    with_words = timed(
        lambda: [line.explanation.text for line in compute_schedule(terms, texts).instalments],
        runs=100,
        clock=time.process_time,
    )
    report("the same with every explanation in words", with_words.median * 1000, 4, "ms")
