"""Entries of the journal about people: what they tell of somebody can be erased, not that they were made."""

from typing import Any

from django.db import models

from core.audit.domain.journal import record
from members.models import Member


def record_member(verb: str, member: Member, *, target: models.Model | None = None, **entry: Any) -> None:
    """Record `members.<verb>` in the journal of the member's CPTS (`core.audit.domain.journal.record`).

    `target` is what was written when it is not the member's own row: a membership, a procedure.
    """
    record(f"members.{verb}", target or member, cpts_id=member.cpts_id, **entry)
