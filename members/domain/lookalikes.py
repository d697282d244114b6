"""Entries that a new one resembles: nobody is written twice without a look."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.access.actors import Actor
from core.audit.domain.journal import snapshot
from core.organisations.models import Cpts
from members.domain.members import (
    MEMBER_FIELDS,
    PlaceValues,
    add_member,
    check_member,
    filled,
    hold_registry,
    places_of,
    take_main_place,
)
from members.domain.names import fold_names
from members.models import Member

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lookalike:
    """An entry that a new one resembles, and in what, in French."""

    member: Member
    reasons: tuple[str, ...]


class LookalikeError(Exception):
    """What is being added resembles what is there; `found` says what. Nothing was written."""

    def __init__(self, found: Sequence[Lookalike]) -> None:
        self.found = found
        super().__init__(", ".join(each.member.name for each in found))


@transaction.atomic
def add_once(
    cpts: Cpts,
    values: Mapping[str, Any],
    *,
    places: Sequence[PlaceValues] = (),
    told_apart: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> Member:
    """Write somebody in the registry as `add_member` does, unless they seem to be there already.

    In: `told_apart`, the entries that somebody looked at and said to be others. An entry that says the very
    same is returned as it is: a form sent twice. Raises LookalikeError for those not told apart,
    ValidationError by field.
    """
    hold_registry(cpts)
    draft = filled(Member(cpts=cpts, number=1, created_at=now), values)
    take_main_place(draft, places)
    fold_names(draft)
    found = [each for each in lookalikes_of(draft) if each.member.pk not in told_apart]
    for each in found:
        if _says_the_same(each.member, draft, places):
            return each.member
    if found:
        # What no registry can hold is told first: it is to be corrected whoever it is.
        check_member(draft)
        raise LookalikeError(found)
    return add_member(cpts, values, places=places, by=by, now=now)


def lookalikes_of(draft: Member) -> list[Lookalike]:
    """Return the listed entries of the same kind with a number, an address or a name and commune of `draft`.

    A commune that is not known is taken for any. One query; `draft` is filled and folded, not saved.
    """
    same = Member.objects.listed().filter(cpts=draft.cpts, kind=draft.kind).exclude(pk=draft.pk)
    condition = Q(sort_name=draft.sort_name)
    if draft.commune_code:
        condition &= Q(commune_code__in=["", draft.commune_code])
    for name in ("siret", "finess"):
        if value := getattr(draft, name):
            condition |= Q(**{name: value})
    if draft.email:
        condition |= Q(email__iexact=draft.email)
    found = same.filter(condition).in_order()[:_SHOWN]
    return [Lookalike(member, _reasons(member, draft)) for member in found]


def _reasons(member: Member, draft: Member) -> tuple[str, ...]:
    reasons = {
        "même nom": member.sort_name == draft.sort_name,
        "même commune": draft.commune_code and member.commune_code == draft.commune_code,
        "même SIRET": draft.siret and member.siret == draft.siret,
        "même FINESS": draft.finess and member.finess == draft.finess,
        "même adresse électronique": draft.email and member.email.lower() == draft.email.lower(),
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def _says_the_same(member: Member, draft: Member, places: Sequence[PlaceValues]) -> bool:
    fields = snapshot(member, MEMBER_FIELDS) == snapshot(draft, MEMBER_FIELDS)
    return fields and places_of(member) == list(places)
