"""Fees: scales, calls and payments made by their verbs, as the treasurer would."""

from datetime import UTC, date, datetime
from decimal import Decimal

from core.access.actors import Actor
from core.access.enums import Role
from members.domain.fee_calls import call_member
from members.domain.fee_payments import record_payment
from members.domain.fee_scales import set_scale
from members.enums import Body, MemberCategory, PaymentMeans
from tests.factories.members import MembershipFactory
from tests.factories.people import assign

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
YEAR = 2026
DUE_ON = date(2026, 4, 30)


def keeper_of(cpts):
    """Return the treasurer of a CPTS, appointed the first time."""
    held = cpts.roles.filter(role=Role.TREASURER).first() or assign(Role.TREASURER, cpts)
    return Actor(role=Role.TREASURER, cpts_id=cpts.pk, user_id=held.user_id)


def scale_values(**values):
    """Return what an assembly decided for active members: 20 euros, before the end of April."""
    return {
        "year": YEAR,
        "category": MemberCategory.ACTIVE,
        "kind": "",
        "college": None,
        "amount": Decimal("20.00"),
        "entry_fee": Decimal(0),
        "due_on": DUE_ON,
        "decided_on": date(2025, 12, 4),
        "decided_by": Body.GENERAL_ASSEMBLY,
        "decision_reference": "Résolution 4",
    } | values


def set_scale_of(cpts, **values):
    """Record a scale."""
    return set_scale(cpts, scale_values(**values), by=keeper_of(cpts), now=NOW)


def join(cpts, *, category=MemberCategory.ACTIVE, starts_on=date(2024, 1, 15), college=None, **member):
    """Make somebody a member, and return their entry."""
    number = cpts.members.count() + 1
    values = {"email": f"membre-{number}@example.org", "number": number} | member
    membership = MembershipFactory(
        member__cpts=cpts,
        category=category,
        starts_on=starts_on,
        college=college,
        **{f"member__{name}": value for name, value in values.items()},
    )
    return membership.member


def call(cpts, *, now=NOW, **member):
    """Make somebody a member and call their fee of the year, a scale being there already."""
    return call_member(join(cpts, **member), YEAR, by=keeper_of(cpts), now=now)


def pay(call, amount=None, paid_on=TODAY, now=NOW, **values):
    """Record what was paid for a call, all of it by default."""
    return record_payment(
        call,
        call.amount if amount is None else Decimal(amount),
        paid_on,
        values.pop("means", PaymentMeans.TRANSFER),
        by=keeper_of(call.cpts),
        now=now,
        **values,
    )
