"""Entries of the journal about people: what they tell of somebody can be erased, not that they were made."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from core.audit.domain.journal import record
from members.models import Member

NOTES_CHANGED = "changées, lues par la coordination seule"


def record_member(
    verb: str,
    member: Member,
    *,
    target: models.Model | None = None,
    changes: Mapping[str, Any] | None = None,
    **entry: Any,
) -> None:
    """Record `members.<verb>` in the journal of the member's CPTS (`core.audit.domain.journal.record`).

    `target` is what was written when it is not the member's own row: a membership, a procedure.
    """
    told = _without_notes(changes or {})
    record(f"members.{verb}", target or member, cpts_id=member.cpts_id, changes=told, **entry)


def _without_notes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tell that notes changed, not what they say: more people read the journal than may read them."""
    return {name: [None, NOTES_CHANGED] if name == "notes" else value for name, value in changes.items()}
