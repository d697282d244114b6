"""What holds for any contract, whatever its dates, sizes and attainments."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from hypothesis import given

from funding.engine import InstalmentKind, Share
from tests.funding.engine.contracts import computed, contracts, steady


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
