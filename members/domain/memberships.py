"""Memberships: applying, deciding, ending, changing category, recording what a register says.

Each verb holds the registry, then the membership, then the journal: two people at once wait for each other,
and the second finds what the first did. The same thing done twice is done once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.audit.domain.journal import changed, created, snapshot
from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.domain.members import hold_registry, one_line
from members.domain.periods import (
    PeriodValues,
    check_college,
    check_days,
    check_entry,
    check_ground,
    check_past,
    drafted,
    faults_of,
    overlap_words,
    overlapped,
    periods_by_member,
    point_all_to_last,
    point_to_last,
)
from members.domain.recording import record_member
from members.domain.statutes import statutes_on
from members.domain.workflow import MovedError, lock_membership, lock_memberships, move
from members.enums import (
    Body,
    EndGround,
    MemberCategory,
    MembershipSource,
    MembershipState,
    RemovalOutcome,
)
from members.models import Member, Membership, StatutesVersion, Suspension, VotingCollege

TOLD = (
    "state", "category", "source", "applied_on", "decided_on", "decided_by", "decision_note",
    "starts_on", "ends_on", "end_ground", "end_note",
)  # fmt: skip
"""What the journal tells of a period, beside its college."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a body decided about applications, all alike.

    `starts_on` is the effect of an admission; `category` and `college` None leave those asked for. `note` is
    the reference of the decision, and says why for a refusal.
    """

    is_admission: bool
    decided_on: date
    starts_on: date | None = None
    category: str | None = None
    college: VotingCollege | None = None
    note: str = ""


class PeriodsError(Exception):
    """Periods that cannot be recorded: `faults` says why, by rank. Nothing was written."""

    def __init__(self, faults: dict[int, ValidationError]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} periods cannot be recorded")


@transaction.atomic
def apply_for_membership(
    member: Member,
    *,
    applied_on: date,
    category: str = MemberCategory.ACTIVE,
    college: VotingCollege | None = None,
    source: MembershipSource = MembershipSource.COORDINATION,
    statutes_accepted_at: datetime | None = None,
    typed: dict[str, str] | None = None,
    by: Actor,
    now: datetime,
    note: str = "",
) -> Membership:
    """Write the application of somebody of the registry, and return it; one that waits already is returned.

    Where the statutes let in whoever accepts them, and the applicant is known as they say (`typed` is
    empty), it is admitted at once. Raises ValidationError for who is a member, or remains one for a while.
    """
    hold_registry(member.cpts)
    locked = Member.objects.select_for_update(of=("self",)).select_related("cpts").get(pk=member.pk)
    periods = list(Membership.objects.filter(member=locked))
    if waiting := next((each for each in periods if each.state == MembershipState.APPLIED), None):
        return waiting
    check_entry(locked)
    check_college(locked.cpts, college)
    check_past(localdate(now), applied_on=applied_on)
    if other := overlapped(applied_on, None, periods):
        raise ValidationError(overlap_words(locked.name, other))
    membership = Membership(
        member=locked,
        state=MembershipState.APPLIED,
        category=category,
        college=college,
        source=source,
        applied_on=applied_on,
        statutes_accepted_at=statutes_accepted_at,
        recorded_at=now,
        typed=typed or {},
    )
    if statutes_accepted_at is not None and not typed:
        _admit_at_once(membership)
    membership.save(force_insert=True)
    point_to_last(locked)
    _record("membership_applied", membership, {}, by=by, now=now, note=note)
    return membership


def _admit_at_once(membership: Membership) -> None:
    """Admit who accepts the statutes, where they ask for no decision."""
    body = statutes_on(membership.member.cpts_id, membership.applied_on).admission_body
    if body == Body.NOBODY:
        membership.state, membership.decided_by = MembershipState.ADMITTED, body
        membership.decided_on = membership.starts_on = membership.applied_on


@transaction.atomic
def withdraw(membership: Membership, *, note: str = "", by: Actor, now: datetime) -> Membership:
    """Note that an applicant gives their application up, and return it; again, it writes nothing.

    Raises MovedError when it was decided meanwhile.
    """
    locked = lock_membership(membership)
    if locked.state == MembershipState.WITHDRAWN:
        return locked
    before = _snapshot(locked)
    move(locked, MembershipState.WITHDRAWN, by=by, end_note=one_line(note), typed={})
    point_to_last(locked.member)
    _record("membership_withdrawn", locked, before, by=by, now=now)
    return locked


@transaction.atomic
def decide(
    cpts: Cpts, membership_ids: Collection[int], decision: Decision, *, by: Actor, now: datetime
) -> list[Membership]:
    """Write one decision about one or several applications, and return them: all of them, or none.

    The body is the one that the statutes in force on the day of the decision name. The very same decision
    again writes nothing. Raises MovedError when somebody decided, or withdrew, one of them meanwhile,
    ValidationError by field, Membership.DoesNotExist for one that is not of this CPTS.
    """
    memberships = lock_memberships(cpts, membership_ids)
    if all(_is_decided_so(each, decision) for each in memberships):
        return memberships
    _check_decision(cpts, memberships, decision, today=localdate(now))
    body = statutes_on(cpts.pk, decision.decided_on).admission_body
    for membership in memberships:
        _decide(membership, decision, body, by=by, now=now)
    return memberships


def _is_decided_so(membership: Membership, decision: Decision) -> bool:
    state = MembershipState.ADMITTED if decision.is_admission else MembershipState.REFUSED
    return (
        membership.state == state
        and (membership.decided_on, membership.decision_note)
        == (decision.decided_on, one_line(decision.note))
        and membership.starts_on == (decision.starts_on if decision.is_admission else None)
        and decision.category in (None, membership.category)
        and decision.college in (None, membership.college)
    )


def _check_decision(
    cpts: Cpts, memberships: Sequence[Membership], decision: Decision, *, today: date
) -> None:
    check_past(today, decided_on=decision.decided_on)
    check_days(today, starts_on=decision.starts_on)
    check_college(cpts, decision.college)
    beside = periods_by_member(cpts, [each.member for each in memberships])
    for membership in memberships:
        if membership.state != MembershipState.APPLIED:
            raise MovedError(membership)
        _check_days_of(membership, decision)
        others = [each for each in beside[membership.member_id] if each.pk != membership.pk]
        if decision.starts_on and (other := overlapped(decision.starts_on, None, others)):
            raise ValidationError({"starts_on": overlap_words(membership.member.name, other)})


def _check_days_of(membership: Membership, decision: Decision) -> None:
    name, asked = membership.member.name, long_date(membership.applied_on)
    if decision.decided_on < membership.applied_on:
        raise ValidationError({"decided_on": f"{name} a demandé le {asked}\u00a0: la décision vient après."})
    if not decision.is_admission:
        return
    if decision.starts_on is None:
        raise ValidationError({"starts_on": "Donnez la date d’effet de l’admission."})
    if decision.starts_on < membership.applied_on:
        raise ValidationError({"starts_on": f"{name} a demandé le {asked}\u00a0: l’effet vient après."})


def _decide(membership: Membership, decision: Decision, body: str, *, by: Actor, now: datetime) -> None:
    before = _snapshot(membership)
    values: dict[str, Any] = {
        "decided_on": decision.decided_on,
        "decided_by": body,
        "decision_note": one_line(decision.note),
        "typed": {},
    }
    if not decision.is_admission:
        move(membership, MembershipState.REFUSED, by=by, **values)
        point_to_last(membership.member)
        _record("membership_refused", membership, before, by=by, now=now)
        return
    values |= {
        "starts_on": decision.starts_on,
        "category": decision.category or membership.category,
        "college": decision.college or membership.college,
    }
    move(membership, MembershipState.ADMITTED, by=by, **values)
    _record("membership_admitted", membership, before, by=by, now=now)


@transaction.atomic
def end_membership(
    membership: Membership, ground: str, ends_on: date, *, note: str = "", by: Actor, now: datetime
) -> Membership:
    """End a membership by resignation, death or the end of a structure, and return it.

    Its member is one until the eve of `ends_on`. What was suspended or proceeded against ends with it. The
    same end again writes nothing; raises MovedError when it ended otherwise meanwhile, ValidationError by
    field.
    """
    locked = lock_membership(membership)
    note = one_line(note)
    said = (locked.end_ground, locked.ends_on, locked.end_note)
    if locked.state == MembershipState.ENDED and said == (ground, ends_on, note):
        return locked
    if ground in (EndGround.REMOVAL, EndGround.CHANGE, EndGround.DUPLICATE):
        raise ValidationError({"end_ground": "Une radiation passe par sa procédure."})
    check_ground(locked.member, ground)
    before = _snapshot(locked)
    end_period(locked, ground, ends_on, note=note, by=by, now=now)
    _drop_removals(locked, now=now)
    _record("membership_ended", locked, before, by=by, now=now)
    return locked


def end_period(
    membership: Membership, ground: str, ends_on: date, *, note: str, by: Actor, now: datetime
) -> None:
    """End a locked period and its suspension; the caller records it. Raises as `end_membership`."""
    check_days(localdate(now), ends_on=ends_on)
    if membership.starts_on is not None and ends_on < membership.starts_on:
        since = long_date(membership.starts_on)
        raise ValidationError({"ends_on": f"L’adhésion a commencé le {since}\u00a0: elle finit après."})
    move(membership, MembershipState.ENDED, by=by, ends_on=ends_on, end_ground=ground, end_note=note)
    for suspension in Suspension.objects.filter(membership=membership, ends_on=None):
        suspension.ends_on = max(ends_on, suspension.starts_on)
        suspension.save(update_fields=["ends_on"])


def _drop_removals(membership: Membership, *, now: datetime) -> None:
    """A procedure against who is no longer a member has no object."""
    for removal in membership.removals.filter(outcome=""):
        removal.outcome, removal.decided_on = RemovalOutcome.DROPPED, localdate(now)
        removal.decision_note = "Sans objet\u00a0: l’adhésion s’est terminée."
        removal.revision += 1
        removal.save(update_fields=["outcome", "decided_on", "decision_note", "revision"])


@transaction.atomic
def change_category(
    membership: Membership,
    category: str,
    college: VotingCollege | None,
    day: date,
    *,
    note: str = "",
    by: Actor,
    now: datetime,
) -> Membership:
    """Give a member another category or college from `day`: one period ends, and the next, returned, begins.

    The same change again returns the period that it began. Raises MovedError when the membership ended
    otherwise meanwhile, ValidationError by field.
    """
    locked = lock_membership(membership)
    note = one_line(note)
    if again := _changed_already(locked, category, college, day):
        return again
    _check_change(locked, category, college, day, today=localdate(now))
    end_period(locked, EndGround.CHANGE, day, note=note, by=by, now=now)
    new = Membership(
        member=locked.member,
        state=MembershipState.ADMITTED,
        category=category,
        college=college,
        source=MembershipSource.CHANGE,
        applied_on=day,
        decided_on=day,
        decided_by=statutes_on(locked.member.cpts_id, day).admission_body,
        decision_note=note,
        starts_on=day,
        recorded_at=now,
    )
    new.save(force_insert=True)
    point_to_last(locked.member)
    changes = changed(_snapshot(locked), _snapshot(new))
    told = {name: pair for name, pair in changes.items() if name in {"category", "college", "starts_on"}}
    record_member("membership_changed", locked.member, target=new, by=by, now=now, changes=told, note=note)
    return new


def _changed_already(
    membership: Membership, category: str, college: VotingCollege | None, day: date
) -> Membership | None:
    if (membership.end_ground, membership.ends_on) != (EndGround.CHANGE, day):
        return None
    following = Membership.objects.filter(
        member=membership.member_id, source=MembershipSource.CHANGE, starts_on=day
    )
    return following.filter(category=category, college=college).select_related("member__cpts").first()


def _check_change(
    membership: Membership, category: str, college: VotingCollege | None, day: date, *, today: date
) -> None:
    if membership.state != MembershipState.ADMITTED:
        raise MovedError(membership)
    check_past(today, day=day)
    check_college(membership.member.cpts, college)
    if category not in MemberCategory.values:
        raise ValidationError({"category": "Cette catégorie est inconnue."})
    if (category, college) == (membership.category, membership.college):
        raise ValidationError({"category": "Choisissez une autre catégorie, ou un autre collège."})
    if membership.starts_on is not None and day < membership.starts_on:
        since = long_date(membership.starts_on)
        raise ValidationError(
            {"day": f"Cette période a commencé le {since}\u00a0: donnez une date suivante."}
        )
    if membership.suspensions.filter(ends_on=None).exists():
        raise ValidationError("Levez d’abord la suspension.")
    if membership.removals.filter(outcome="").exists():
        raise ValidationError("Une procédure de radiation est ouverte\u00a0: terminez-la d’abord.")


@transaction.atomic
def record_membership(
    member: Member, values: PeriodValues, *, source: MembershipSource, by: Actor, now: datetime
) -> Membership:
    """Write a membership already admitted, ended or not, as the association's papers say, and return it.

    The very same again is returned as it is. Raises ValidationError by field, `starts_on` when it overlaps
    another one.
    """
    hold_registry(member.cpts)
    if again := _recorded_already(member, values):
        return again
    try:
        (membership,) = write_periods(member.cpts, [(member, values)], source=source, now=now)
    except PeriodsError as error:
        raise error.faults[0] from error
    _record("membership_recorded", membership, {}, by=by, now=now)
    return membership


def _recorded_already(member: Member, values: PeriodValues) -> Membership | None:
    said = {"starts_on": values.starts_on, "ends_on": values.ends_on, "category": values.category}
    same = Membership.objects.filter(member=member.pk, college=values.college, **said)
    return same.select_related("member__cpts").first()


def write_periods(
    cpts: Cpts, rows: Sequence[tuple[Member, PeriodValues]], *, source: MembershipSource, now: datetime
) -> list[Membership]:
    """Write many memberships already admitted, in a handful of queries however many, and return their rows.

    For an import: the caller is in a transaction, holds the registry (`hold_registry`), and records what it
    did. Nothing is written when one of them cannot be: PeriodsError then says which and why.
    """
    today = localdate(now)
    if faults := faults_of(cpts, rows, today=today):
        raise PeriodsError(faults)
    versions = list(StatutesVersion.objects.filter(cpts=cpts.pk).order_by("-starts_on", "-pk"))
    periods = [drafted(member, values, today=today) for member, values in rows]
    for period in periods:
        period.source, period.recorded_at = source, now
        period.decided_by = _admission_body(versions, period.decided_on or today)
    Membership.objects.bulk_create(periods, batch_size=500)
    point_all_to_last([member for member, _ in rows])
    return periods


def _admission_body(versions: Sequence[StatutesVersion], day: date) -> str:
    """Who admits on a day, of versions read at once, the latest first."""
    found = next((each for each in versions if each.starts_on <= day), StatutesVersion())
    return found.admission_body


def _snapshot(membership: Membership) -> dict[str, Any]:
    told = snapshot(membership, TOLD)
    return told | {"college": membership.college.name if membership.college else None}


def _record(verb: str, membership: Membership, before: dict[str, Any], **entry: Any) -> None:
    after = _snapshot(membership)
    changes = changed(before, after) if before else created(after)
    record_member(verb, membership.member, target=membership, changes=changes, **entry)
