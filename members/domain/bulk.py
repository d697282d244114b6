"""What may be done to many of a registry at once, after a page that says to how many and names the first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.db import transaction
from django.db.models import F, Q

from core.access.actors import Actor
from core.organisations.models import Cpts
from members.domain.members import hold_registry
from members.domain.recording import member_deed, record_members
from members.enums import Participation
from members.models import Member

_BATCH = 500
# Long, not needed here, or slow to read for thousands.
_UNREAD = ("notes", "search_text", "phone")
Item = TypeVar("Item")


class Apply(Protocol):
    """Writes the action on locked rows in the caller's transaction, with an entry of the journal each."""

    def __call__(self, members: Sequence[Member], *, by: Actor, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class BulkAction:
    """An action on many members: its button and what it comes to, in French.

    `done` are those for whom there is nothing left to do. `apply` gets the others alone: sent twice, an
    action does once what it says.
    """

    name: str
    label: str
    outcome: str
    done: Q
    apply: Apply


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of a selection: written now, as wanted already, no longer in the registry."""

    changed: int
    unchanged: int
    gone: int


@transaction.atomic
def run_bulk(
    cpts: Cpts, action: BulkAction, member_ids: Sequence[int], *, by: Actor, now: datetime
) -> BulkOutcome:
    """Do an action to those of a registry who are among `member_ids`, all or nothing.

    Who left the registry meanwhile (merged, made anonymous) is counted and left alone; so is who is of
    another CPTS.
    """
    hold_registry(cpts)
    present = there = 0
    for batch in _batches(sorted(set(member_ids))):
        rows = Member.objects.filter(cpts=cpts, pk__in=batch).listed()
        present += rows.count()
        waiting = rows.exclude(action.done).select_for_update(of=("self",)).defer(*_UNREAD).order_by("pk")
        there += _applied(action, list(waiting), by=by, now=now)
    return BulkOutcome(there, present - there, len(set(member_ids)) - present)


def _applied(action: BulkAction, members: list[Member], *, by: Actor, now: datetime) -> int:
    if members:
        action.apply(members, by=by, now=now)
    return len(members)


def _setting(name: str, value: Any, note: str) -> Apply:
    """Return what sets a field of members to a value; `note` is the journal's sentence."""

    def apply(members: Sequence[Member], *, by: Actor, now: datetime) -> None:
        deeds = [
            member_deed("member_updated", member, changes={name: [getattr(member, name), value]}, note=note)
            for member in members
        ]
        rows = Member.objects.filter(pk__in=[member.pk for member in members])
        rows.update(revision=F("revision") + 1, **{name: value})
        record_members(members[0].cpts_id, deeds, by=by, now=now)

    return apply


def _field_action(slug: str, label: str, outcome: str, name: str, value: Any) -> BulkAction:
    note = f"Action groupée\u00a0: {outcome}."
    return BulkAction(slug, label, outcome, Q(**{name: value}), _setting(name, value, note))


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    # A database takes so many values in one query, and no more.
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


_ALL = (
    _field_action(
        "participation-certaine",
        "Marquer la participation certaine",
        "participation certaine",
        "participation",
        Participation.CERTAIN,
    ),
    _field_action(
        "participation-a-confirmer",
        "Marquer la participation à confirmer",
        "participation à confirmer",
        "participation",
        Participation.TO_CONFIRM,
    ),
    _field_action(
        "gouvernance-oui",
        "Marquer «\u00a0participe à la gouvernance\u00a0»",
        "participe à la gouvernance",
        "in_governance",
        True,
    ),
    _field_action(
        "gouvernance-non",
        "Marquer «\u00a0ne participe pas à la gouvernance\u00a0»",
        "ne participe pas à la gouvernance",
        "in_governance",
        False,
    ),
)
BULK_ACTIONS: Mapping[str, BulkAction] = {action.name: action for action in _ALL}
"""The actions that the list offers, by their name in addresses."""
