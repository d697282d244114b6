"""Calling fees: who is asked what for a year, and taking a call back by a second row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from core.access.actors import Actor
from core.audit.domain.journal import created, snapshot
from core.organisations.models import Cpts
from members.domain.fee_scales import scale_for, scales_of, total_of
from members.domain.members import hold_registry, one_line
from members.domain.recording import record_member
from members.enums import HELD_STATES, FeeStep, MemberCategory, NoticeState
from members.models import (
    FeeCall,
    FeeCampaign,
    FeeExemption,
    FeeNotice,
    FeePayment,
    FeeScale,
    Member,
    Membership,
    Suspension,
)
from members.rules import can_keep_fees

TIME_TO_PAY = timedelta(days=30)
"""What somebody called after the due date of the scale is given: a rule of ours, the statutes give none."""
LONGEST_REASON = 300
_TOLD = ("year", "number", "amount", "entry_fee", "due_on", "reason")


class NotCalled(StrEnum):
    """Why a member is not called, in the words of the page."""

    ALREADY = "Déjà appelé"
    SUSPENDED = "Adhésion suspendue"
    HONORARY = "Membre d’honneur, dispensé"
    EXEMPT = "Exempté pour cette année"
    NO_SCALE = "Aucun barème pour sa catégorie"
    NOTHING = "Barème à 0\u00a0€"
    NOT_MEMBER = "N’est pas membre ce jour-là"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a member would be asked, in euros, the entry fee included, and by when."""

    scale: FeeScale
    amount: Decimal
    entry_fee: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member on the day of the call: what they would be asked, or why they would not be."""

    member: Member
    category: str
    asked: Asked | None = None
    why_not: NotCalled | None = None


def candidates(cpts: Cpts, year: int, *, day: date, members: Iterable[int] | None = None) -> list[Candidate]:
    """Return every member of a CPTS on `day`, by name, with what they would be asked for a year.

    `members` keeps some of them alone. Two queries, however many they are.
    """
    scales = scales_of(cpts, year)
    rows = _memberships(cpts, year, day)
    if members is not None:
        rows = rows.filter(member__in=list(members))
    return [_candidate(row, scales, year, day) for row in rows.order_by("member__sort_name", "member")]


def _memberships(cpts: Cpts, year: int, day: date) -> QuerySet[Membership]:
    standing = FeeCall.objects.standing().filter(
        Q(member=OuterRef("member")) | Q(member__merged_into=OuterRef("member")), year=year
    )
    exemptions = FeeExemption.objects.in_force().filter(member=OuterRef("member"), year=year)
    suspensions = Suspension.objects.in_force(day).filter(membership=OuterRef("pk"))
    first = (
        Membership.objects.filter(
            member=OuterRef("member"), category=OuterRef("category"), state__in=HELD_STATES
        )
        .order_by()
        .values("member")
        .annotate(day=Min("starts_on"))
        .values("day")
    )
    rows = Membership.objects.in_force(day).filter(
        member__cpts=cpts, member__merged_into=None, member__anonymised_at=None
    )
    return rows.select_related("member").annotate(
        is_called=Exists(standing),
        is_exempt=Exists(exemptions),
        is_suspended=Exists(suspensions),
        first_day=Subquery(first),
    )


def _candidate(row: Any, scales: list[FeeScale], year: int, day: date) -> Candidate:
    if why_not := _why_not(row):
        return Candidate(row.member, row.category, why_not=why_not)
    scale = scale_for(scales, category=row.category, kind=row.member.kind, college_id=row.college_id)
    if scale is None:
        return Candidate(row.member, row.category, why_not=NotCalled.NO_SCALE)
    amount, entry_fee = total_of(scale, is_first_year=row.first_day.year >= year)
    if not amount:
        return Candidate(row.member, row.category, why_not=NotCalled.NOTHING)
    due_on = scale.due_on if scale.due_on >= day else day + TIME_TO_PAY
    return Candidate(row.member, row.category, Asked(scale, amount, entry_fee, due_on))


def _why_not(row: Any) -> NotCalled | None:
    reasons = (
        (row.is_called, NotCalled.ALREADY),
        (row.category == MemberCategory.HONORARY, NotCalled.HONORARY),
        (row.is_exempt, NotCalled.EXEMPT),
        (row.is_suspended, NotCalled.SUSPENDED),
    )
    return next((reason for applies, reason in reasons if applies), None)


@transaction.atomic
def call_member(member: Member, year: int, *, by: Actor, now: datetime) -> FeeCall:
    """Ask a member their fee of a year, whole whatever the day they came, and return the call.

    Asked twice, even at once, the first call is returned. Its notice waits for `members.domain.fee_mails`.
    Raises ValidationError when nothing is to be asked, saying why; RefusedError.
    """
    can_keep_fees(by, member.cpts).require()
    hold_registry(member.cpts)
    if call := standing_call(member, year):
        return call
    asked = _asked_of(member, year, timezone.localdate(now))
    FeeCampaign.objects.get_or_create(cpts_id=member.cpts_id, year=year)
    call = FeeCall.objects.create(
        cpts_id=member.cpts_id,
        member=member,
        scale=asked.scale,
        year=year,
        number=_next_number(member.cpts_id, year),
        amount=asked.amount,
        entry_fee=asked.entry_fee,
        called_on=timezone.localdate(now),
        due_on=asked.due_on,
        replaces=_cancelled_call(member, year),
        recorded_at=now,
    )
    new_notice(call, FeeStep.CALL, now=now).save(force_insert=True)
    changes = created(snapshot(call, _TOLD))
    record_member("fee_called", member, target=call, by=by, now=now, changes=changes)
    return call


def new_notice(call: FeeCall, step: FeeStep, *, now: datetime) -> FeeNotice:
    """Return what tells a member of a step, not saved: on paper when they have no address."""
    state = NoticeState.WAITING if call.member.email else NoticeState.PAPER
    return FeeNotice(call=call, step=step, due_on=call.due_on, state=state, created_at=now)


def _asked_of(member: Member, year: int, day: date) -> Asked:
    """What a member is asked; raises ValidationError saying why nothing is."""
    found = candidates(member.cpts, year, day=day, members=[member.pk])
    if found and found[0].asked:
        return found[0].asked
    why_not = found[0].why_not if found else None
    words = (why_not or NotCalled.NOT_MEMBER).value
    raise ValidationError(f"{member.name}\u00a0: {words[0].lower()}{words[1:]}, rien à appeler.")


def standing_call(member: Member, year: int) -> FeeCall | None:
    """Return the call of a member for a year that none cancelled, made under a merged entry too."""
    mine = Q(member=member.pk) | Q(member__merged_into=member.pk)
    return FeeCall.objects.standing().filter(mine, year=year).first()


def _cancelled_call(member: Member, year: int) -> FeeCall | None:
    """The last call of the year, that was cancelled: the next one takes its place."""
    calls = FeeCall.objects.calls().filter(member=member, year=year, replaced_by=None)
    return calls.order_by("-number").first()


def _next_number(cpts_id: int, year: int) -> int:
    last = FeeCall.objects.filter(cpts=cpts_id, year=year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


@transaction.atomic
def cancel_call(call: FeeCall, reason: str, *, by: Actor, now: datetime) -> FeeCall:
    """Take a call back by a row of the opposite amount, and return that row; the member may be called again.

    Cancelled twice, the first row is returned. Raises ValidationError by field: without a reason, or while
    money received for it was not given back; RefusedError.
    """
    can_keep_fees(by, call.cpts).require()
    hold_registry(call.cpts)
    if call.cancels_id is not None:
        raise ValidationError({"reason": "Une annulation ne s’annule pas\u00a0: faites un nouvel appel."})
    if existing := FeeCall.objects.filter(cancels=call).first():
        return existing
    reason = _reason_to_cancel(call, reason)
    row = FeeCall.objects.create(
        cpts_id=call.cpts_id,
        member_id=call.member_id,
        scale_id=call.scale_id,
        year=call.year,
        number=_next_number(call.cpts_id, call.year),
        amount=-call.amount,
        entry_fee=-call.entry_fee,
        called_on=timezone.localdate(now),
        due_on=call.due_on,
        cancels=call,
        reason=reason,
        recorded_at=now,
    )
    call.notices.filter(state=NoticeState.WAITING).update(state=NoticeState.DROPPED)
    changes = created(snapshot(row, _TOLD))
    record_member("fee_call_cancelled", call.member, target=row, by=by, now=now, changes=changes, note=reason)
    return row


def _reason_to_cancel(call: FeeCall, typed: str) -> str:
    """The reason on one line; raises ValidationError without one, or when money is still there."""
    reason = one_line(typed)
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi cet appel est annulé."})
    if received(call):
        words = "De l’argent a été reçu pour cet appel\u00a0: remboursez-le ou annulez le règlement d’abord."
        raise ValidationError({"reason": words})
    return reason


def received(call: FeeCall) -> Decimal:
    """Return what the payments of a call come to, in euros to the cent. One query."""
    total = FeePayment.objects.filter(call=call).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    # SQLite sums in floating point: what came and went back would leave a dust that is not zero.
    return total.quantize(Decimal("0.01"))


@transaction.atomic
def exempt_member(member: Member, year: int, reason: str, *, by: Actor, now: datetime) -> FeeExemption:
    """Let a member owe nothing for a year; already so, the exemption is returned as it is.

    Raises ValidationError by field without a reason, RefusedError.
    """
    can_keep_fees(by, member.cpts).require()
    hold_registry(member.cpts)
    if existing := FeeExemption.objects.in_force().filter(member=member, year=year).first():
        return existing
    reason = one_line(reason)
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi cette personne ne paie pas, et qui l’a décidé."})
    exemption = FeeExemption.objects.create(member=member, year=year, reason=reason, recorded_at=now)
    changes = created(snapshot(exemption, ("year", "reason")))
    record_member("fee_exempted", member, target=exemption, by=by, now=now, changes=changes, note=reason)
    return exemption


@transaction.atomic
def withdraw_exemption(exemption: FeeExemption, *, by: Actor, now: datetime) -> None:
    """Take an exemption back; again, it changes nothing. Raises RefusedError."""
    can_keep_fees(by, exemption.member.cpts).require()
    hold_registry(exemption.member.cpts)
    at = max(now, exemption.recorded_at)
    if FeeExemption.objects.in_force().filter(pk=exemption.pk).update(withdrawn_at=at):
        record_member("fee_exemption_withdrawn", exemption.member, target=exemption, by=by, now=now)
