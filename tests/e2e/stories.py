"""What a journey about a registry starts from, told by the product's own verbs in a process of the site.

Each journey has a CPTS of its own: its figures are exact, whatever the others did before.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.accounts.domain.roles import give_role
from core.accounts.models import User
from core.organisations.domain.association import open_cpts
from core.organisations.models import Cpts
from core.territories.models import Departement, Vintage
from cpts.demonstration.story import DEPARTEMENT, PASSWORD
from members.domain.applications import set_desk
from members.domain.fee_calls import call_member
from members.domain.fee_payments import record_payment
from members.domain.fee_scales import set_scale
from members.domain.members import PlaceValues, add_member
from members.domain.memberships import record_membership
from members.domain.periods import PeriodValues
from members.enums import Body, MemberCategory, MemberKind, MembershipSource, PaymentMeans, Profession
from members.models import Member

_IN_GRANVILLE = PlaceValues(postal_code="50400", commune_code="50218", commune_name="Granville")


def registry_to_import_into(key: str) -> None:
    """Open a CPTS with three people of Granville in its registry, none of them a member."""
    cpts, now = _open(key), timezone.now()
    _add(cpts, "Kervadec", "Maëlys", profession=Profession.NURSE, now=now)
    _add(cpts, "Lemaître", "Chloé", profession=Profession.MIDWIFE, phone="+33612345678", now=now)
    _add(cpts, "Ménard", "Bastien", profession=Profession.PHARMACIST, now=now)


@transaction.atomic
def fees_to_call(key: str) -> None:
    """Open a CPTS whose form is open, with the scale of this year and one member, called and paid up."""
    cpts, now = _open(key), timezone.now()
    today = timezone.localdate(now)
    set_desk(cpts, is_open=True, by=PLATFORM, now=now)
    by = cpts.roles.get(role=Role.TREASURER).to_actor()
    set_scale(cpts, _scale(today.year), by=by, now=now)
    member = _add(cpts, "Ménard", "Bastien", profession=Profession.PHARMACIST, now=now)
    period = PeriodValues(starts_on=date(today.year - 1, 3, 2))
    record_membership(member, period, source=MembershipSource.COORDINATION, by=PLATFORM, now=now)
    call = call_member(member, today.year, by=by, now=now)
    record_payment(call, call.amount, today, PaymentMeans.CHEQUE, by=by, now=now)


def _open(key: str) -> Cpts:
    """Open a CPTS of the Manche with its coordinator and its treasurer."""
    now = timezone.now()
    departement = Departement.objects.get(vintage=Vintage.objects.current(), code=DEPARTEMENT)
    cpts = open_cpts(f"CPTS {key}", departement, by=PLATFORM, now=now)
    for role in (Role.COORDINATOR, Role.TREASURER):
        user = User.objects.create_user(f"{role.value}-{key}@cpts.test", PASSWORD, first_name="Camille")
        give_role(user, role, by=PLATFORM, now=now, cpts=cpts)
    return cpts


def _add(cpts: Cpts, last_name: str, first_name: str, *, now: datetime, **values: str) -> Member:
    names = {"kind": MemberKind.NATURAL, "last_name": last_name, "first_name": first_name}
    return add_member(cpts, names | values, places=[_IN_GRANVILLE], by=PLATFORM, now=now)


def _scale(year: int) -> dict[str, Any]:
    return {
        "year": year,
        "category": MemberCategory.ACTIVE,
        "kind": "",
        "college": None,
        "amount": Decimal(30),
        "entry_fee": Decimal(0),
        "due_on": date(year, 12, 31),
        "decided_on": date(year, 1, 1),
        "decided_by": Body.GENERAL_ASSEMBLY,
        "decision_reference": "Résolution 4",
    }
