"""The colleges in which members vote: added, put in order, withdrawn; a name is never written over."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.audit.domain.journal import record
from core.organisations.models import Cpts
from members.domain.members import hold_registry, one_line
from members.domain.statutes import active_colleges
from members.enums import OPEN_STATES
from members.models import Membership, VotingCollege
from members.models.membership import MembershipQuerySet
from members.rules import can_edit_statutes

MOST_COLLEGES = 12


def people_by_college(cpts_id: int, day: date) -> dict[int, int]:
    """Return how many members, or people who ask to be, each college has on `day`, by its key. One query."""
    held = _held(Membership.objects.filter(college__cpts=cpts_id), day)
    counted = held.values_list("college").annotate(Count("member", distinct=True)).order_by("college")
    return dict(counted)


def _held(periods: MembershipQuerySet, day: date) -> MembershipQuerySet:
    return periods.filter(Q(state__in=sorted(OPEN_STATES)) | Q(ends_on__gt=day))


@transaction.atomic
def add_college(cpts: Cpts, name: str, *, by: Actor, now: datetime) -> VotingCollege:
    """Add a college at the end and return it; one of this name that was withdrawn comes back.

    One that is there already is returned as it is. Raises ValidationError on `name`, RefusedError.
    """
    can_edit_statutes(by, cpts).require()
    hold_registry(cpts)
    name = one_line(name)
    colleges = active_colleges(cpts.pk)
    if there := next((each for each in colleges if each.name == name), None):
        return there
    if any(each.name.casefold() == name.casefold() for each in colleges):
        raise ValidationError({"name": "Un collège porte déjà ce nom."})
    if len(colleges) >= MOST_COLLEGES:
        raise ValidationError({"name": f"Une association a {MOST_COLLEGES}\u00a0collèges au plus."})
    former = VotingCollege.objects.filter(cpts=cpts, name=name).first()
    college = former or VotingCollege(cpts=cpts, name=name)
    college.position, college.archived_at = len(colleges) + 1, None
    college.full_clean(exclude=["cpts"])
    college.save()
    _record("college_added", college, by=by, now=now)
    return college


@transaction.atomic
def raise_college(college: VotingCollege, *, seen: int, by: Actor, now: datetime) -> None:
    """Put a college before the one that precedes it.

    `seen` is the rank, from 1, at which it was when this was asked: asked twice, it rises once. What changes
    nothing has no entry.
    """
    can_edit_statutes(by, college.cpts).require()
    hold_registry(college.cpts)
    colleges = active_colleges(college.cpts_id)
    ranks = {each.pk: rank for rank, each in enumerate(colleges)}
    rank = ranks.get(college.pk, 0)
    if not rank or rank + 1 != seen:
        return
    colleges[rank - 1], colleges[rank] = colleges[rank], colleges[rank - 1]
    for position, each in enumerate(colleges, start=1):
        each.position = position
    VotingCollege.objects.bulk_update(colleges, ["position"])
    _record("college_raised", college, by=by, now=now)


@transaction.atomic
def archive_college(college: VotingCollege, *, by: Actor, now: datetime) -> None:
    """Withdraw a college from what members may join; its name stays in their history and in the statutes.

    One already withdrawn stays so, without an entry. Raises ValidationError when members, or people who ask
    to be, are in it; RefusedError.
    """
    can_edit_statutes(by, college.cpts).require()
    hold_registry(college.cpts)
    college.refresh_from_db()
    if college.archived_at is not None:
        return
    held = _held(Membership.objects.filter(college=college), localdate(now))
    if count := held.values("member").distinct().count():
        raise ValidationError(
            f"Le collège «\u00a0{college}\u00a0» compte {count}\u00a0membre{'s' if count > 1 else ''} ou "
            f"demande{'s' if count > 1 else ''} en cours\u00a0: changez d’abord leur collège."
        )
    college.archived_at = now
    college.save(update_fields=["archived_at"])
    _record("college_archived", college, by=by, now=now)


def _record(verb: str, college: VotingCollege, *, by: Actor, now: datetime) -> None:
    record(f"members.{verb}", college, by=by, now=now, cpts_id=college.cpts_id)
