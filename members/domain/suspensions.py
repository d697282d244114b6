"""Suspensions: a member stays one, without voice or call, until it is lifted."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, snapshot
from core.ui.formatting import long_date
from members.domain.members import one_line
from members.domain.periods import check_days
from members.domain.recording import record_member
from members.domain.workflow import MovedError, lock_membership
from members.enums import MembershipState
from members.models import Membership, Suspension
from members.rules import can_decide_memberships

_TOLD = ("starts_on", "ends_on", "reason")


@transaction.atomic
def suspend(membership: Membership, starts_on: date, reason: str, *, by: Actor, now: datetime) -> Suspension:
    """Suspend a membership from a day on, and return the suspension; the same again writes nothing.

    Raises MovedError when the membership ended meanwhile, StaleError when it was suspended otherwise,
    ValidationError by field, RefusedError for who may not.
    """
    locked = lock_membership(membership)
    can_decide_memberships(by, locked.member.cpts).require()
    reason = one_line(reason)
    current = locked.suspensions.filter(ends_on=None).first()
    if current is not None and (current.starts_on, current.reason) == (starts_on, reason):
        return current
    if locked.state != MembershipState.ADMITTED:
        raise MovedError(locked)
    if current is not None:
        since = long_date(current.starts_on)
        raise StaleError(f"{locked.member.name} est suspendu depuis le {since}. Rien n’a été enregistré.")
    _check(locked, starts_on, reason, today=localdate(now))
    suspension = Suspension(membership=locked, starts_on=starts_on, reason=reason, recorded_at=now)
    suspension.save(force_insert=True)
    changes = created(snapshot(suspension, _TOLD))
    record_member("membership_suspended", locked.member, target=locked, by=by, now=now, changes=changes)
    return suspension


@transaction.atomic
def lift(membership: Membership, ends_on: date, *, by: Actor, now: datetime) -> Suspension:
    """End the suspension of a membership, whose member votes again from `ends_on`, and return it.

    The same again writes nothing. Raises StaleError when there is none any more, ValidationError by field.
    """
    locked = lock_membership(membership)
    can_decide_memberships(by, locked.member.cpts).require()
    last = locked.suspensions.order_by("-starts_on", "-pk").first()
    if last is not None and last.ends_on == ends_on:
        return last
    if last is None or last.ends_on is not None:
        raise StaleError(f"{locked.member.name} n’est plus suspendu. Rien n’a été enregistré.")
    check_days(localdate(now), ends_on=ends_on)
    if ends_on < last.starts_on:
        since = long_date(last.starts_on)
        raise ValidationError({"ends_on": f"La suspension a commencé le {since}\u00a0: elle finit après."})
    before = snapshot(last, _TOLD)
    last.ends_on = ends_on
    last.save(update_fields=["ends_on"])
    changes = changed(before, snapshot(last, _TOLD))
    record_member("suspension_lifted", locked.member, target=locked, by=by, now=now, changes=changes)
    return last


def _check(membership: Membership, starts_on: date, reason: str, *, today: date) -> None:
    check_days(today, starts_on=starts_on)
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi l’adhésion est suspendue."})
    if membership.starts_on is not None and starts_on < membership.starts_on:
        since = long_date(membership.starts_on)
        raise ValidationError({"starts_on": f"L’adhésion a commencé le {since}\u00a0: pas avant."})
    former = membership.suspensions.order_by("-ends_on").first()
    if former is not None and former.ends_on is not None and starts_on < former.ends_on:
        until = long_date(former.ends_on)
        raise ValidationError({"starts_on": f"Une suspension a duré jusqu’au {until}\u00a0: pas avant."})
