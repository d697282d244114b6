"""Two entries side by side, before they are made one: what differs, and which value is proposed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max

from core.audit.domain.journal import snapshot
from core.audit.domain.values import readable
from core.audit.models import AuditEntry
from members.domain.merging import CHOSEN, COMMUNE, MAIN_PLACE, MEMBERSHIPS, REPRESENTATIVE, conflicts_of
from members.enums import HELD_STATES
from members.models import FeeCall, Member, Membership, PracticePlace

_LABELS = {
    COMMUNE: "Commune",
    MAIN_PLACE: "Lieu d’exercice principal",
    REPRESENTATIVE: "Représentant",
    MEMBERSHIPS: "Adhésion à garder",
    "user": "Compte",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What only one value of can be kept: its name and label, both values in French, the one proposed."""

    name: str
    label: str
    kept: str
    left: str
    prefers_left: bool


def differences(kept: Member, left: Member) -> list[Difference]:
    """Return what differs between two entries of the same kind, the filled or the latest value proposed.

    A dozen queries at most, whatever follows the entries.
    """
    is_newer = _latest(kept, left) == left.pk
    fields = [_of_field(name, kept, left, is_newer) for name in CHOSEN[kept.is_person]]
    beside = _main_places(kept, left) if kept.is_person else _representatives(kept, left)
    return [each for each in (*fields, *beside, *_memberships(kept, left)) if each.kept != each.left]


def called_twice(kept: Member, left: Member) -> list[int]:
    """Return the years for which both were asked their fee, and neither call is cancelled. One query."""
    calls = FeeCall.objects.standing().filter(member__in=[kept, left]).order_by("year")
    twice = calls.values("year").annotate(members=Count("member", distinct=True)).filter(members=2)
    return list(twice.values_list("year", flat=True))


def _latest(kept: Member, left: Member) -> int:
    """Return the key of the entry written last, as the journal says."""
    about = AuditEntry.objects.filter(target_type=kept._meta.label_lower)
    about = about.filter(target_id__in=[str(kept.pk), str(left.pk)]).order_by()
    written = dict(about.values_list("target_id").annotate(last=Max("at")))
    return max((kept, left), key=lambda each: written.get(str(each.pk), each.created_at)).pk


def _of_field(name: str, kept: Member, left: Member, is_newer: bool) -> Difference:
    ours, theirs = (_text(name, member) for member in (kept, left))
    ours_says, theirs_says = (_says(name, member) for member in (kept, left))
    prefers_left = is_newer if ours_says == theirs_says else theirs_says > ours_says
    label = _LABELS.get(name) or str(_field(name).verbose_name)
    return Difference(name, label[:1].upper() + label[1:], ours, theirs, prefers_left)


def _says(name: str, member: Member) -> int:
    """Return how much a value says: nothing, something, or a doctor's profession with its medicine."""
    return bool(getattr(member, name)) + (name == "profession" and bool(member.doctor_kind))


def _field(name: str) -> Any:
    return Member._meta.get_field(name)


def _text(name: str, member: Member) -> str:
    if name == "user":
        return member.user.email if member.user else readable(None, None, {})
    text = readable(_field(name), snapshot(member, [name])[name], {})
    beside = {COMMUNE: member.commune_code, "profession": member.get_doctor_kind_display().lower()}.get(name)
    return f"{text} ({beside})" if beside else text


def _main_places(kept: Member, left: Member) -> Iterator[Difference]:
    ours, theirs = (
        member.places.filter(archived_at=None, is_main=True).select_related("structure").first()
        for member in (kept, left)
    )
    if ours and theirs:
        yield Difference(MAIN_PLACE, _LABELS[MAIN_PLACE], _place(ours), _place(theirs), prefers_left=False)


def _place(place: PracticePlace) -> str:
    structure = place.structure.name if place.structure else ""
    return ", ".join(dict.fromkeys(filter(None, (structure, str(place), place.commune_name))))


def _representatives(kept: Member, left: Member) -> Iterator[Difference]:
    ours, theirs = (member.representatives.filter(ends_on=None).first() for member in (kept, left))
    if ours and theirs:
        later = theirs.starts_on > ours.starts_on
        yield Difference(REPRESENTATIVE, _LABELS[REPRESENTATIVE], str(ours), str(theirs), later)


def _memberships(kept: Member, left: Member) -> Iterator[Difference]:
    conflicts = conflicts_of(kept, left)
    if not conflicts:
        return
    ours, theirs = ({pair[rank] for pair in conflicts} for rank in (0, 1))
    earlier = _since(theirs) < _since(ours)
    label = _LABELS[MEMBERSHIPS]
    yield Difference(MEMBERSHIPS, label, _told(kept, ours), _told(left, theirs), earlier)


def _since(periods: Iterable[Membership]) -> date:
    held = [each.starts_on for each in periods if each.state in HELD_STATES and each.starts_on]
    return min(held, default=date.max)


def _told(member: Member, periods: Iterable[Membership]) -> str:
    told = sorted(f"{each} ({each.get_state_display().lower()})" for each in periods)
    # Both may say the same: they are still two, of which one is set aside.
    return f"{', '.join(told)}, n°\u00a0{member.number}"
