"""Two entries of a registry made one: one is kept and receives all that followed the other, still readable.

What is not chosen stays in the row that is left, and in the journal of both: nothing is lost.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, snapshot
from members.domain.members import (
    LEGAL_FIELDS,
    NATURAL_FIELDS,
    PLACE_FIELDS,
    check_member,
    copy_to_people,
    filled,
    hold_registry,
    names_of,
    places_of,
    take_main_place,
)
from members.domain.names import fold_names
from members.domain.periods import overlapped, point_to_last
from members.domain.recording import record_member
from members.domain.workflow import move
from members.enums import HELD_STATES, OPEN_STATES, EndGround, MembershipState
from members.models import (
    FeeExemption,
    Member,
    Membership,
    PracticePlace,
    Removal,
    Representative,
    Suspension,
)

COMMUNE, MAIN_PLACE, REPRESENTATIVE, MEMBERSHIPS = (
    "commune_name",
    "main_place",
    "representative",
    "memberships",
)
"""What is chosen as one beside the fields: the commune with its code, and what only one can be."""
_COMMON = ("email", "phone", "participation", "in_governance", "user")
CHOSEN = {
    # The medicine of a doctor goes with their profession.
    True: ("last_name", *(name for name in NATURAL_FIELDS if name != "doctor_kind"), *_COMMON),
    False: ("last_name", *LEGAL_FIELDS, COMMUNE, *_COMMON),
}
"""The fields of a person (True) or of a structure (False) of which one value is kept."""
_TOLD = (
    "last_name", "commune_code", "commune_name", *_COMMON, "notes", *NATURAL_FIELDS, *LEGAL_FIELDS,
    "shown_to_members", "shown_to_public",
)  # fmt: skip
_WRITTEN = (*_TOLD, "search_text", "sort_name", "revision")
_LONGEST_NOTES = 5000


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge being made: who is kept, who is left, and the names of what is taken from the latter.

    `told` gathers what the journal says of the one kept, beside the fields.
    """

    kept: Member
    left: Member
    taken: frozenset[str]
    by: Actor
    now: datetime
    told: dict[str, Any] = field(default_factory=dict)

    def takes(self, name: str) -> bool:
        """Whether this comes from the entry that is left."""
        return name in self.taken


@transaction.atomic
def merge_members(
    kept: Member,
    left: Member,
    *,
    taken: Collection[str],
    revisions: tuple[int, int],
    by: Actor,
    now: datetime,
) -> Member:
    """Unite two entries of a CPTS and return the one kept; the same merge again changes nothing.

    In: `taken`, the names among CHOSEN, MAIN_PLACE, REPRESENTATIVE and MEMBERSHIPS of what comes from the one
    left; the revisions of both when that was chosen. Raises StaleError when one changed meanwhile,
    ValidationError for what cannot be one.
    """
    check_two(kept, left)
    hold_registry(kept.cpts)
    locked = Member.objects.select_for_update(of=("self",)).select_related("cpts").order_by("pk")
    rows = {row.pk: row for row in locked.filter(pk__in=[kept.pk, left.pk])}
    kept, left = rows[kept.pk], rows[left.pk]
    if left.merged_into_id == kept.pk:
        return kept
    if (kept.revision, left.revision) != revisions or kept.merged_into_id or left.merged_into_id:
        raise StaleError
    check_mergeable(kept, left)
    merge = Merge(kept, left, frozenset(taken), by, now)
    before = snapshot(kept, _TOLD)
    values = _united(merge)
    _leave(merge)
    for follow in FOLLOWERS.values():
        follow(merge)
    _keep(merge, values)
    changes = changed(before, snapshot(kept, _TOLD)) | merge.told
    record_member("duplicate_received", kept, by=by, now=now, changes=changes, note=_telling(left))
    into = {"merged_into": [None, kept.pk]}
    record_member("member_merged", left, by=by, now=now, changes=into, note=_telling(kept))
    return kept


def check_two(kept: Member, left: Member) -> None:
    """Raise ValidationError for an entry and itself, or for entries of two registries."""
    if kept.pk == left.pk or kept.cpts_id != left.cpts_id:
        raise ValidationError("Choisissez deux inscrits différents de la même CPTS.")


def check_mergeable(kept: Member, left: Member) -> None:
    """Raise ValidationError for what cannot become one entry, saying what to do first."""
    if kept.kind != left.kind:
        raise ValidationError("Une personne et une structure ne se réunissent pas.")
    if kept.anonymised_at or left.anonymised_at:
        raise ValidationError("Une inscription anonymisée ne se réunit plus à une autre.")
    open_ones = Removal.objects.filter(outcome="", membership__member__in=[kept, left])
    if conflicts_of(kept, left) and open_ones.exists():
        raise ValidationError(
            "Une procédure de radiation est ouverte et les deux adhésions se recouvrent\u00a0: "
            "menez d’abord la procédure à son terme."
        )
    if len(_joined_notes(kept, left)) > _LONGEST_NOTES:
        raise ValidationError("Les notes des deux fiches réunies sont trop longues\u00a0: raccourcissez-les.")


def conflicts_of(kept: Member, left: Member) -> list[tuple[Membership, Membership]]:
    """Return the periods of both that cannot be beside each other: both open, or held on the same days."""
    theirs = list(left.memberships.order_by("pk"))
    return [
        (ours, their)
        for ours in kept.memberships.order_by("pk")
        for their in theirs
        if (ours.state in OPEN_STATES and their.state in OPEN_STATES) or _overlap(ours, their)
    ]


def _overlap(ours: Membership, their: Membership) -> bool:
    if ours.state not in HELD_STATES or ours.starts_on is None:
        return False
    return overlapped(ours.starts_on, ours.ends_on, [their]) is not None


def _telling(member: Member) -> str:
    return f"{member.name}, n°\u00a0{member.number} au registre."


def _united(merge: Merge) -> dict[str, Any]:
    """Return the values that the one kept will have, `user` included."""
    kept, left = merge.kept, merge.left
    names = CHOSEN[kept.is_person]
    values = {name: getattr(left if merge.takes(name) else kept, name) for name in names}
    # A person's is that of their main place, or the one known.
    is_theirs = not kept.commune_name if kept.is_person else merge.takes(COMMUNE)
    source = left if is_theirs else kept
    values |= {"commune_code": source.commune_code, "commune_name": source.commune_name}
    if kept.is_person:
        values["doctor_kind"] = (left if merge.takes("profession") else kept).doctor_kind
    return values | {"notes": _joined_notes(kept, left)}


def _joined_notes(kept: Member, left: Member) -> str:
    if not left.notes or left.notes == kept.notes:
        return kept.notes
    received = f"Notes de l’inscription n°\u00a0{left.number}, réunie à celle-ci\u00a0:\n{left.notes}"
    return f"{kept.notes}\n\n{received}" if kept.notes else received


def _leave(merge: Merge) -> None:
    """Make the row that is left lead to the other, with all that led to it."""
    kept, left = merge.kept, merge.left
    left.merged_into, left.last_membership = kept, None
    left.revision += 1
    left.save(update_fields=["merged_into", "last_membership", "revision"])
    Member.objects.filter(merged_into=left).update(merged_into=kept)


def _keep(merge: Merge, values: Mapping[str, Any]) -> None:
    kept, left = merge.kept, merge.left
    kept.user = values["user"]
    filled(kept, {name: value for name, value in values.items() if name != "user"})
    # What a directory may show is what was agreed to for both: nobody else decides to show more.
    for name in ("shown_to_members", "shown_to_public"):
        theirs = getattr(left, name)
        setattr(kept, name, [each for each in getattr(kept, name) if each in theirs])
    places = places_of(kept)
    take_main_place(kept, places)
    fold_names(kept, names_of(places))
    check_member(kept)
    kept.revision += 1
    kept.save(update_fields=_WRITTEN)
    point_to_last(kept)
    if not kept.is_person:
        copy_to_people(kept)


# --- What follows an entry -----------------------------------------------------------------------


def _places_follow(merge: Merge) -> None:
    """Unite where a person practises: a place that both have is left, archived; one alone is the main one."""
    ours = list(merge.kept.places.filter(archived_at=None).order_by("-is_main", "pk"))
    theirs = list(merge.left.places.filter(archived_at=None).order_by("-is_main", "pk"))
    same = {_where(place): place for place in ours}
    wanted = theirs if theirs and (merge.takes(MAIN_PLACE) or not ours) else ours
    main = same.get(_where(wanted[0]), wanted[0]) if wanted else None
    twins = [place.pk for place in theirs if _where(place) in same]
    merge.left.places.filter(pk__in=twins).update(archived_at=merge.now)
    # One is the main one at any moment: none of them, then one.
    merge.kept.places.filter(archived_at=None).update(is_main=False)
    received = merge.left.places.exclude(pk__in=twins)
    merge.told.update(_list_of("places_received", [str(place) for place in theirs if place.pk not in twins]))
    received.update(member=merge.kept, is_main=False)
    if main is not None:
        PracticePlace.objects.filter(pk=main.pk).update(is_main=True)


def _where(place: PracticePlace) -> tuple[Any, ...]:
    return tuple(getattr(place, "structure_id" if name == "structure" else name) for name in PLACE_FIELDS)


def _people_follow(merge: Merge) -> None:
    """Let who practised in a structure practise in the one kept, there once each."""
    moved = PracticePlace.objects.filter(structure=merge.left).update(structure=merge.kept)
    seen: set[tuple[Any, ...]] = set()
    twice = []
    for place in merge.kept.people.filter(archived_at=None).order_by("-is_main", "pk"):
        key = (place.member_id, *_where(place))
        if key in seen:
            twice.append(place.pk)
        seen.add(key)
    PracticePlace.objects.filter(pk__in=twice).update(archived_at=merge.now)
    merge.told.update(_list_of("people_received", [str(moved)] if moved else []))


def _representatives_follow(merge: Merge) -> None:
    """Give a structure the representatives of both; of two present ones, the one not chosen ends today."""
    ours = merge.kept.representatives.filter(ends_on=None).first()
    theirs = merge.left.representatives.filter(ends_on=None).first()
    if ours is not None and theirs is not None:
        over = ours if merge.takes(REPRESENTATIVE) else theirs
        over.ends_on = max(localdate(merge.now), over.starts_on)
        over.save(update_fields=["ends_on"])
    named = [str(each) for each in merge.left.representatives.order_by("starts_on", "pk")]
    merge.left.representatives.update(structure=merge.kept)
    merge.told.update(_list_of("representatives_received", named))


def _represented_follow(merge: Merge) -> None:
    Representative.objects.filter(person=merge.left).update(person=merge.kept)


def _memberships_follow(merge: Merge) -> None:
    """Give the one kept every period but those that the choice sets aside: they are the other's, annulled."""
    conflicts = conflicts_of(merge.kept, merge.left)
    aside = {ours if merge.takes(MEMBERSHIPS) else theirs for ours, theirs in conflicts}
    received = [period for period in merge.left.memberships.order_by("pk") if period not in aside]
    for period in aside:
        _set_aside(period, merge)
    Membership.objects.filter(pk__in=[period.pk for period in received]).update(member=merge.kept)
    merge.told.update(_list_of("memberships_received", [str(period) for period in received]))
    merge.told.update(_list_of("memberships_set_aside", sorted(str(period) for period in aside)))


def _set_aside(period: Membership, merge: Merge) -> None:
    note = f"Doublon réuni à l’inscription n°\u00a0{merge.kept.number}."
    if merge.kept.last_membership_id == period.pk:
        merge.kept.last_membership = None
        merge.kept.save(update_fields=["last_membership"])
    if period.state == MembershipState.APPLIED:
        move(period, MembershipState.WITHDRAWN, by=merge.by)
    elif period.state == MembershipState.ADMITTED:
        ended = {"ends_on": period.starts_on, "end_ground": EndGround.DUPLICATE, "end_note": note}
        move(period, MembershipState.ENDED, by=merge.by, **ended)
        Suspension.objects.filter(membership=period, ends_on=None).update(ends_on=F("starts_on"))
    Membership.objects.filter(pk=period.pk).update(member=merge.left)


def _exemptions_follow(merge: Merge) -> None:
    """Move exemptions, but for a year that the one kept is exempted from already."""
    years = FeeExemption.objects.in_force().filter(member=merge.kept).values_list("year", flat=True)
    FeeExemption.objects.in_force().filter(member=merge.left).exclude(year__in=list(years)).update(
        member=merge.kept
    )


def _list_of(name: str, told: list[str]) -> dict[str, Any]:
    return {name: [None, told]} if told else {}


FOLLOWERS: Mapping[str, Callable[[Merge], None]] = {
    "members.practiceplace.member": _places_follow,
    "members.practiceplace.structure": _people_follow,
    "members.representative.structure": _representatives_follow,
    "members.representative.person": _represented_follow,
    "members.membership.member": _memberships_follow,
    "members.feeexemption.member": _exemptions_follow,
}
"""How each table that points to an entry follows it, by its field, in order; a new table adds its line."""
STAYING: Mapping[str, str] = {
    "members.member.merged_into": "written by the merge itself",
    "members.feecall.member": "money is never rewritten: read through `merged_into`",
    "members.distinctpair.first": "was told of the entry that is left",
    "members.distinctpair.second": "was told of the entry that is left",
    "members.importrow.member": "erased with its file within days",
    "members.importrow.chosen": "erased with its file within days",
}
"""Fields that point to an entry and stay, and why; a test wants each field in one or the other."""
