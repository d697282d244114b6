"""Periods of membership beside each other: none overlaps another, and one of them says what somebody is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Case, F, IntegerField, OuterRef, Subquery, Value, When

from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.enums import HELD_STATES, OPEN_STATES, EndGround, MemberCategory, MemberKind, MembershipState
from members.models import Member, Membership, VotingCollege

EARLIEST = date(1950, 1, 1)
"""No association of health professionals kept memberships before: an earlier date is a typing mistake."""
FURTHEST = timedelta(days=2 * 366)
_RANK = Case(
    When(state__in=sorted(OPEN_STATES), then=Value(0)),
    When(state__in=sorted(HELD_STATES), then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
_LAST_FIRST = (_RANK, F("starts_on").desc(nulls_last=True), "-applied_on", "-pk")
_LOT = 500
_ONE_KIND = {EndGround.DEATH: MemberKind.NATURAL, EndGround.DISSOLUTION: MemberKind.LEGAL}


@dataclass(frozen=True, slots=True)
class PeriodValues:
    """A membership already admitted, as a register says it: from `starts_on` to the eve of `ends_on`.

    What is None is taken from the effect date: application and decision are of that day, of today when it is
    to come.
    """

    starts_on: date
    ends_on: date | None = None
    end_ground: str = ""
    end_note: str = ""
    category: str = MemberCategory.ACTIVE
    college: VotingCollege | None = None
    applied_on: date | None = None
    decided_on: date | None = None
    decision_note: str = ""


def point_to_last(member: Member) -> None:
    """Write which period says what somebody is: the open one, else the last held, else the last asked."""
    periods = Membership.objects.filter(member=member.pk)
    last = periods.order_by(*_LAST_FIRST).first()
    if last is not None and member.last_membership_id != last.pk:
        member.last_membership = last
        member.save(update_fields=["last_membership"])


def point_all_to_last(members: Sequence[Member]) -> None:
    """Write for many members what `point_to_last` writes for one: two queries for each lot of 500."""
    ranked = Membership.objects.filter(member=OuterRef("pk")).order_by(*_LAST_FIRST)
    for start in range(0, len(members), _LOT):
        lot = members[start : start + _LOT]
        rows = Member.objects.filter(pk__in=[member.pk for member in lot])
        rows.update(last_membership=Subquery(ranked.values("pk")[:1]))
        last = dict(rows.values_list("pk", "last_membership"))
        for member in lot:
            member.last_membership_id = last[member.pk]


def overlapped(starts_on: date, ends_on: date | None, others: Iterable[Membership]) -> Membership | None:
    """Return one of `others` held on some day from `starts_on` to the eve of `ends_on`, None for none."""
    held = (each for each in others if each.state in HELD_STATES and each.starts_on != each.ends_on)
    return next((each for each in held if _meet(starts_on, ends_on, each)), None)


def _meet(starts_on: date, ends_on: date | None, other: Membership) -> bool:
    begins_before_it_ends = other.ends_on is None or starts_on < other.ends_on
    ends_after_it_begins = ends_on is None or (other.starts_on is not None and other.starts_on < ends_on)
    return begins_before_it_ends and ends_after_it_begins and starts_on != ends_on


def overlap_words(name: str, other: Membership) -> str:
    """Return, in French, why a period cannot be beside another one."""
    since = long_date(other.starts_on) if other.starts_on else ""
    if other.ends_on is None:
        return f"{name} est déjà membre depuis le {since}."
    until = long_date(other.ends_on)
    return f"{name} a déjà été membre du {since} au {until}\u00a0: les périodes ne se chevauchent pas."


def check_days(today: date, **days: date | None) -> None:
    """Raise ValidationError by name for days that no register holds: a mistyped year."""
    wrong = {
        name: "Vérifiez l’année de cette date."
        for name, day in days.items()
        if day is not None and not EARLIEST <= day <= today + FURTHEST
    }
    if wrong:
        raise ValidationError(wrong)


def check_past(today: date, **days: date | None) -> None:
    """Raise ValidationError by name for days that are to come: what is recorded was done."""
    wrong = {name: "Cette date est à venir." for name, day in days.items() if day is not None and day > today}
    if wrong:
        raise ValidationError(wrong)
    check_days(today, **days)


def check_entry(member: Member) -> None:
    """Raise ValidationError for an entry that nothing is written about any more."""
    if member.merged_into_id or member.anonymised_at:
        raise ValidationError("Cette inscription a été fusionnée ou anonymisée\u00a0: rien ne s’y ajoute.")


def check_college(cpts: Cpts, college: VotingCollege | None) -> None:
    """Raise ValidationError for a college of another CPTS, or one that the statutes no longer have."""
    if college is not None and (college.cpts_id != cpts.pk or college.archived_at):
        raise ValidationError({"college": "Choisissez un collège des statuts de la CPTS."})


def check_ground(member: Member, ground: str) -> None:
    """Raise ValidationError for an end that this kind of person cannot have."""
    kind = _ONE_KIND.get(EndGround(ground)) if ground in EndGround.values else None
    if ground not in EndGround.values or (kind and kind != member.kind):
        raise ValidationError({"end_ground": "Choisissez un motif possible pour cette personne."})


def faults_of(
    cpts: Cpts, rows: Sequence[tuple[Member, PeriodValues]], *, today: date
) -> dict[int, ValidationError]:
    """Return why periods cannot be recorded, by rank in `rows`; nothing for those that can. One query.

    Each is compared with what is stored, and with those before it in `rows`.
    """
    beside = periods_by_member(cpts, [member for member, _ in rows])
    faults = {}
    for rank, (member, values) in enumerate(rows):
        others = beside.setdefault(member.pk, [])
        try:
            _check_row(cpts, member, values, others, today)
        except ValidationError as fault:
            faults[rank] = fault
        else:
            others.append(drafted(member, values, today=today))
    return faults


def periods_by_member(cpts: Cpts, members: Sequence[Member]) -> dict[int, list[Membership]]:
    """Return the periods of these members of a CPTS, by member. One query."""
    periods = Membership.objects.filter(member__cpts=cpts.pk)
    # Beyond, a list of numbers costs more than the whole registry.
    if len(members) <= 500:
        periods = periods.filter(member__in=[member.pk for member in members])
    found: dict[int, list[Membership]] = {}
    for period in periods:
        found.setdefault(period.member_id, []).append(period)
    return found


def drafted(member: Member, values: PeriodValues, *, today: date) -> Membership:
    """Return the row of a period, not saved: what its statutes and its source give is still to be set."""
    # An effect may be to come, a decision was taken.
    known = min(values.starts_on, today)
    applied_on = values.applied_on or min(known, values.decided_on or known)
    return Membership(
        member=member,
        state=MembershipState.ADMITTED if values.ends_on is None else MembershipState.ENDED,
        category=values.category,
        college=values.college,
        applied_on=applied_on,
        decided_on=values.decided_on or max(applied_on, known),
        decision_note=values.decision_note,
        starts_on=values.starts_on,
        ends_on=values.ends_on,
        end_ground=values.end_ground,
        end_note=values.end_note,
    )


def _check_row(
    cpts: Cpts, member: Member, values: PeriodValues, others: Sequence[Membership], today: date
) -> None:
    if member.cpts_id != cpts.pk:
        raise ValidationError("Cette inscription n’est pas dans le registre de la CPTS.")
    check_entry(member)
    check_college(cpts, values.college)
    check_days(today, starts_on=values.starts_on, ends_on=values.ends_on)
    check_past(today, applied_on=values.applied_on, decided_on=values.decided_on)
    if values.category not in MemberCategory.values:
        raise ValidationError({"category": "Cette catégorie est inconnue."})
    draft = drafted(member, values, today=today)
    _check_order(draft)
    if values.ends_on is not None:
        check_ground(member, values.end_ground)
    if values.ends_on is None and any(each.state == MembershipState.APPLIED for each in others):
        raise ValidationError(f"{member.name} a une demande à décider\u00a0: décidez-la.")
    if other := overlapped(values.starts_on, values.ends_on, others):
        raise ValidationError({"starts_on": overlap_words(member.name, other)})


def _check_order(draft: Membership) -> None:
    errors: Mapping[str, str] = {
        "decided_on": "La décision ne précède pas la demande."
        if draft.decided_on and draft.decided_on < draft.applied_on
        else "",
        "ends_on": "L’adhésion ne finit pas avant d’avoir commencé."
        if draft.ends_on and draft.starts_on and draft.ends_on < draft.starts_on
        else "",
    }
    if found := {name: words for name, words in errors.items() if words}:
        raise ValidationError(found)
