"""When it is paid: each entitlement cut into full payment, advance and balance, or variable."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from funding.engine.entitlements import Entitlement
from funding.engine.enums import InstalmentKind, PaymentRule, Share
from funding.engine.explanation import Explanation
from funding.engine.money import NOTHING, round_to_cent


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment: due on a day, payable by another, in euros, for the entitlement of a contract year."""

    due_on: date
    payable_by: date
    contract_year: int
    mission: str
    share: Share
    kind: InstalmentKind
    amount: Decimal
    explanation: Explanation


def instalments_of(entitlement: Entitlement) -> Iterator[Instalment]:
    """The payments of one entitlement, lines of zero left out; they always add up to what is due."""
    for due_on, explanation in _payments(entitlement):
        if explanation.amount:
            yield _instalment(due_on, explanation)


def _payments(entitlement: Entitlement) -> Iterator[tuple[date, Explanation]]:
    if entitlement.share is Share.VARIABLE:
        yield entitlement.year.next_anniversary, _variable(entitlement)
    elif _is_paid_in_full(entitlement):
        yield entitlement.opens_on, _full(entitlement)
    else:
        advance = _advance(entitlement)
        yield entitlement.opens_on, advance
        yield entitlement.year.next_anniversary, _balance(entitlement, advance.amount)


def _is_paid_in_full(entitlement: Entitlement) -> bool:
    """The operating share of the first year, at the signature (ACI of 2019, article 9.1; rule 1)."""
    year = entitlement.year
    in_full = year.bareme.payment_rules.first_operating_year_in_full
    return entitlement.share is Share.OPERATING and year.number == 1 and in_full


def _full(entitlement: Entitlement) -> Explanation:
    return _of_due(entitlement, InstalmentKind.FULL, PaymentRule.FULL_AT_SIGNATURE)


def _advance(entitlement: Entitlement) -> Explanation:
    """The advance, from the exact amount due and not from its rounding (rules 2, 3 and 7)."""
    rate = entitlement.year.bareme.payment_rules.advance_rate
    exact = entitlement.exact * Fraction(rate)
    at_start = entitlement.at_mission_start
    return Explanation(
        entitlement=entitlement,
        kind=InstalmentKind.ADVANCE,
        rule=PaymentRule.ADVANCE_AT_MISSION_START if at_start else PaymentRule.ADVANCE_AT_YEAR_START,
        rate=rate,
        exact=exact,
        rounded=round_to_cent(exact),
        advanced=NOTHING,
    )


def _balance(entitlement: Entitlement, advanced: Decimal) -> Explanation:
    """What is due minus what was advanced, never a rate of its own: no cent drifts (rule 7)."""
    rule = PaymentRule.BALANCE_AT_ANNIVERSARY
    return _of_due(entitlement, InstalmentKind.BALANCE, rule, advanced=advanced)


def _variable(entitlement: Entitlement) -> Explanation:
    """Never advanced, paid at the anniversary that closes the year (rule 4)."""
    rule = PaymentRule.VARIABLE_AT_ANNIVERSARY
    return _of_due(entitlement, InstalmentKind.VARIABLE, rule, rate=entitlement.attainment)


def _of_due(
    entitlement: Entitlement,
    kind: InstalmentKind,
    rule: PaymentRule,
    *,
    rate: Decimal | None = None,
    advanced: Decimal = NOTHING,
) -> Explanation:
    """A payment that settles all that is due, less what was advanced; only an advance is something else."""
    return Explanation(
        entitlement=entitlement,
        kind=kind,
        rule=rule,
        rate=rate,
        exact=entitlement.exact,
        rounded=entitlement.due,
        advanced=advanced,
    )


def _instalment(due_on: date, explanation: Explanation) -> Instalment:
    entitlement = explanation.entitlement
    return Instalment(
        due_on=due_on,
        payable_by=entitlement.year.payable_by(due_on),
        contract_year=entitlement.year.number,
        mission=entitlement.mission,
        share=entitlement.share,
        kind=explanation.kind,
        amount=explanation.amount,
        explanation=explanation,
    )
