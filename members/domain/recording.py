"""Entries of the journal about people: what they tell of somebody can be erased, not that they were made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from core.access.actors import Actor
from core.audit.domain.details import Subject
from core.audit.domain.journal import Deed, record_many
from members.models import Member

NOTES_CHANGED = "changées, lues par la coordination seule"


def record_member(
    verb: str,
    member: Member,
    *,
    by: Actor,
    now: datetime,
    target: models.Model | None = None,
    changes: Mapping[str, Any] | None = None,
    note: str = "",
) -> None:
    """Record `members.<verb>` in the journal of the member's CPTS (`core.audit.domain.journal.record`).

    `target` is what was written when it is not the member's own row: a membership, a procedure. What the
    entry tells is erased with the member: `told_by` reads it, the entry itself holds a neutral label only.
    """
    deed = member_deed(verb, member, target=target, changes=changes, note=note)
    record_members(member.cpts_id, [deed], by=by, now=now)


def member_deed(
    verb: str,
    member: Member,
    *,
    target: models.Model | None = None,
    changes: Mapping[str, Any] | None = None,
    note: str = "",
) -> Deed:
    """Return what `record_member` would record, for `record_members`."""
    told, about = _without_notes(changes or {}), Subject(member, known_as(member))
    return Deed(f"members.{verb}", target or member, told, note, about)


def record_members(cpts_id: int, deeds: Sequence[Deed], *, by: Actor, now: datetime) -> None:
    """Record what `member_deed` tells of members of one CPTS, in order: one entry each, in a few queries."""
    record_many(deeds, by=by, now=now, cpts_id=cpts_id)


def known_as(member: Member) -> str:
    """Return how the journal names somebody for ever, once what it tells of them is erased."""
    return f"inscrit au registre n°\u00a0{member.number}"


def _without_notes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tell that notes changed, not what they say: more people read the journal than may read them."""
    return {name: [None, NOTES_CHANGED] if name == "notes" else value for name, value in changes.items()}
