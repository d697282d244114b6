"""What holds for any contract, whatever its dates, sizes and attainments."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funding.domain.baremes import published_baremes
from funding.engine import ContractTerms, InstalmentKind, PaymentSchedule, Proration, Share, compute_schedule
from tests.funding.engine.builders import ACI_2019, AVENANT_2

COMMON_MISSIONS = tuple(mission.code for mission in ACI_2019.missions)
ALL_MISSIONS = tuple(mission.code for mission in AVENANT_2.missions)
SUPPLEMENTS = tuple(supplement.code for supplement in ACI_2019.supplements)
LEAP_DAYS = [date(2020, 2, 29), date(2024, 2, 29), date(2028, 2, 29)]

# How long an example takes says more about the machine than about the engine: benchmarks measure that.
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

rates = st.decimals(0, 1, places=4)
contract_years = st.integers(1, 5)
signatures = st.dates(date(2019, 8, 25), date(2040, 12, 31)) | st.sampled_from(LEAP_DAYS)


@st.composite
def contracts(draw: st.DrawFn) -> ContractTerms:
    """Any contract the engine accepts; the crisis mission only under the text that knows it all along."""
    signed_on = draw(signatures)
    known = ALL_MISSIONS if signed_on >= AVENANT_2.effective_from else COMMON_MISSIONS
    codes = draw(st.sets(st.sampled_from(known)))
    starts = st.integers(0, 5 * 365 - 1).map(lambda days: signed_on + timedelta(days=days))
    return ContractTerms(
        signed_on=signed_on,
        size=draw(st.integers(1, 4)),
        missions={code: draw(starts) for code in sorted(codes)},
        proration=draw(st.sampled_from(Proration)),
        prorate_first_variable=draw(st.booleans()),
        attainment=draw(
            st.dictionaries(st.sampled_from(known), st.dictionaries(contract_years, rates), max_size=3)
        ),
        default_attainment=draw(rates),
        crisis_plan_year=draw(st.none() | contract_years),
        crisis_years=frozenset(draw(st.sets(contract_years))),
        supplements=frozenset(draw(st.sets(st.sampled_from(SUPPLEMENTS)))),
    )


def computed(terms: ContractTerms) -> PaymentSchedule:
    return compute_schedule(terms, published_baremes())


@steady
@given(contracts())
def test_the_parts_add_up_to_the_total(terms):
    schedule = computed(terms)
    assert sum(schedule.by_date().values()) == schedule.total
    assert sum(totals.total for totals in schedule.by_contract_year().values()) == schedule.total
    assert sum(totals.total for totals in schedule.by_calendar_year().values()) == schedule.total
    assert sum(due.due for due in schedule.entitlements) == schedule.total


@steady
@given(contracts())
def test_the_payments_of_an_entitlement_are_what_is_due(terms):
    schedule = computed(terms)
    paid: dict[tuple[int, str, Share], Decimal] = defaultdict(Decimal)
    for line in schedule.instalments:
        paid[line.contract_year, line.mission, line.share] += line.amount
    for due in schedule.entitlements:
        assert paid[due.year.number, due.mission, due.share] == due.due


@steady
@given(contracts())
def test_an_entitlement_is_within_half_a_cent_of_the_exact_amount(terms):
    for due in computed(terms).entitlements:
        assert -Fraction(1, 200) < Fraction(due.due) - due.exact <= Fraction(1, 200)
        assert due.exact <= sum(line.amount for line in due.table)


@steady
@given(contracts())
def test_dates_never_leave_the_contract(terms):
    schedule = computed(terms)
    end = schedule.years[-1].next_anniversary
    for line in schedule.instalments:
        assert terms.signed_on <= line.due_on <= end
        assert line.due_on < line.payable_by
        assert line.due_on < end or line.kind in {InstalmentKind.BALANCE, InstalmentKind.VARIABLE}


@steady
@given(contracts())
def test_no_line_is_worth_nothing_or_less(terms):
    for line in computed(terms).instalments:
        assert line.amount > 0
        assert line.amount == line.amount.quantize(Decimal("0.01"))
        assert line.amount == line.explanation.amount


@steady
@given(contracts())
def test_computing_twice_gives_the_same(terms):
    assert computed(terms) == computed(terms)


@steady
@given(contracts())
def test_lines_are_in_order(terms):
    keys = [(line.due_on, line.contract_year) for line in computed(terms).instalments]
    assert keys == sorted(keys)


@steady
@given(contracts())
def test_every_explanation_is_one_short_line_that_ends_with_its_text(terms):
    for line in computed(terms).instalments:
        text = line.explanation.text
        assert text.endswith(("Avenant 2 à l’ACI des CPTS.", "ACI des CPTS de 2019."))
        assert len(text.splitlines()) == 1
        assert len(text) < 300
