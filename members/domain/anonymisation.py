"""What the registry forgets of people once their retention is over: who they were, not what was done.

No text says how long an association keeps the registry of its members. Three years after somebody left, a
rule of ours: that is what the CNIL takes as a reference for people one is no longer in touch with. Accounting
pieces are kept ten years (Code de commerce, article L123-22): calls and payments stay, with the number of the
registry and without any contact.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateField, Exists, Max, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Greatest, NullIf, TruncDate
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.audit.domain.details import Subject
from core.audit.domain.erasure import erase_details
from core.audit.models import AuditDetail
from core.audit.models.detail import AuditDetailQuerySet
from core.organisations.models import Cpts
from members.domain.members import LEGAL_FIELDS, NATURAL_FIELDS, hold_registry
from members.domain.names import fold_names
from members.domain.recording import known_as
from members.enums import OPEN_STATES, BankLineState, MembershipState
from members.models import (
    BankLine,
    FeeExemption,
    Member,
    Membership,
    PracticePlace,
    Removal,
    Representative,
    Suspension,
)
from members.models.member import MemberQuerySet

KEPT_YEARS = 3
"""Years after the end of the last membership, or the last application of who never was a member."""
ERASED = "Effacé"
_NOT_YET = "La conservation de cette fiche n’est pas finie\u00a0: elle ne s’anonymise pas encore."
_EMPTIED = (*(set(NATURAL_FIELDS) | set(LEGAL_FIELDS)) - {"structure_kind"}, "commune_code", "commune_name",
            "email", "phone", "notes")  # fmt: skip
_WRITTEN = (*_EMPTIED, "last_name", "shown_to_members", "shown_to_public", "user", "search_text", "sort_name",
            "in_governance", "anonymised_at", "revision")  # fmt: skip


def to_anonymise(cpts: Cpts, today: date) -> MemberQuerySet:
    """Return the entries of a CPTS whose retention is over on `today`, with `since`, the longest ago first.

    `since` is the last day of a membership, of an application or of its decision, else that of their entry.
    Who is a member, waits for a decision, or still represents a structure is not among them, nor a structure
    where somebody of the registry practises.
    """
    open_ones = Membership.objects.filter(Q(state__in=sorted(OPEN_STATES)) | Q(ends_on__gt=today))
    speaking = Representative.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today))
    people = PracticePlace.objects.filter(
        archived_at=None, member__merged_into=None, member__anonymised_at=None
    )
    listed = Member.objects.listed().filter(cpts=cpts)
    return (
        listed.filter(
            ~Exists(open_ones.filter(member=OuterRef("pk"))),
            ~Exists(speaking.filter(person=OuterRef("pk"))),
            ~Exists(people.filter(structure=OuterRef("pk"))),
        )
        .annotate(since=_last_day())
        .filter(since__lte=years_before(today, KEPT_YEARS))
        .order_by("since", "pk")
    )


def _last_day() -> Coalesce:
    never = Value(date.min)
    days = [
        Coalesce(Max(f"memberships__{name}"), never, output_field=DateField())
        for name in ("ends_on", "decided_on", "applied_on")
    ]
    return Coalesce(NullIf(Greatest(*days), never), TruncDate("created_at"), output_field=DateField())


def years_before(day: date, years: int) -> date:
    """Return the same day `years` years before; 28 February for a 29 that the year has not."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@transaction.atomic
def anonymise_member(member: Member, *, by: Actor, now: datetime) -> Member:
    """Erase who somebody was, from the registry and from what the journal tells; return their row.

    Their number, the dates of their memberships, their fees and payments stay. Done twice, it is done once.
    Raises ValidationError when their retention is not over.
    """
    hold_registry(member.cpts)
    locked = Member.objects.select_for_update(of=("self",)).select_related("cpts").get(pk=member.pk)
    if locked.anonymised_at is not None:
        return locked
    if not to_anonymise(locked.cpts, localdate(now)).filter(pk=locked.pk).exists():
        raise ValidationError(_NOT_YET)
    rows = [locked, *locked.merged.select_for_update().order_by("pk")]
    details = _details_of(rows)
    for row in rows:
        _forget(row, now=now)
    _forget_beside(rows)
    subject = Subject(locked, known_as(locked))
    erase_details("members.member_anonymised", subject, details, by=by, now=now, cpts_id=locked.cpts_id)
    return locked


def _details_of(rows: Sequence[Member]) -> AuditDetailQuerySet:
    """Return what the journal tells of these rows, and of structures in naming them as representatives."""
    structures = Member.objects.filter(representatives__person__in=rows).distinct()
    named = AuditDetail.objects.telling_of(*structures)
    return AuditDetail.objects.telling_of(*rows) | named.filter(
        entry__action="members.representative_changed"
    )


def _forget(row: Member, *, now: datetime) -> None:
    row.last_name, row.user, row.anonymised_at = former_name(row), None, now
    row.shown_to_members, row.shown_to_public, row.in_governance = [], [], False
    for name in _EMPTIED:
        setattr(row, name, "")
    fold_names(row)
    row.revision += 1
    row.save(update_fields=_WRITTEN)


def former_name(member: Member) -> str:
    """Return what somebody is called once their name is erased."""
    return f"Ancien membre n°\u00a0{member.number}"


def _forget_beside(rows: Sequence[Member]) -> None:
    """Erase what the rows beside an entry say of somebody; what must say something says « Effacé »."""
    PracticePlace.objects.filter(member__in=rows).delete()
    for row in rows:
        row.represented.update(name=former_name(row), email="", capacity="", person=None)
    Representative.objects.filter(structure__in=rows).update(name=ERASED, email="", capacity="", person=None)
    periods = Membership.objects.filter(member__in=rows)
    periods.exclude(state=MembershipState.REFUSED).update(decision_note="")
    periods.filter(state=MembershipState.REFUSED).update(decision_note=ERASED)
    periods.update(end_note="", typed={})
    Suspension.objects.filter(membership__member__in=rows).update(reason=ERASED)
    removals: dict[str, Any] = {"facts": ERASED, "explanations": "", "hearing_place": ""}
    Removal.objects.filter(membership__member__in=rows).update(**removals)
    Removal.objects.filter(membership__member__in=rows).exclude(outcome="").update(decision_note=ERASED)
    FeeExemption.objects.filter(member__in=rows).update(reason=ERASED)
    aside = Q(proposed__member__in=rows, state=BankLineState.SET_ASIDE)
    lines = BankLine.objects.filter(Q(payment__call__member__in=rows) | aside)
    lines.update(label="", payer="", email="", reference="")
