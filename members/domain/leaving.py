"""Leaving the association by oneself."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.access.enums import Role
from core.accounts.models import RoleAssignment
from core.notifications.domain.messages import notify
from core.ui.formatting import long_date
from members.domain.memberships import end_membership
from members.enums import EndGround, MembershipState
from members.models import Member, Membership
from members.rules import can_leave

_NOT_A_MEMBER = "Vous n’avez pas d’adhésion en cours\u00a0: il n’y a rien à quitter."
_PAST = "Donnez aujourd’hui, ou un jour à venir."


def membership_to_leave(entry: Member) -> Membership | None:
    """Return the membership that goes on, None for who has none."""
    found = Membership.objects.filter(member=entry, state=MembershipState.ADMITTED)
    return found.select_related("member__cpts").first()


@transaction.atomic
def leave(entry: Member, ends_on: date, *, by: Actor, now: datetime) -> Membership:
    """End one's own membership by resignation, tell the coordination, and return it; again, nothing more.

    Its member is one until the eve of `ends_on`, today or later: nobody undoes days already lived. Raises
    ValidationError by field, RefusedError for somebody else.
    """
    can_leave(by, entry).require()
    current = membership_to_leave(entry) or _left_so(entry, ends_on)
    if current is None:
        raise ValidationError(_NOT_A_MEMBER)
    if ends_on < localdate(now):
        raise ValidationError({"ends_on": _PAST})
    ended = end_membership(current, EndGround.RESIGNATION, ends_on, by=by, now=now)
    held = RoleAssignment.objects.active().filter(cpts=entry.cpts_id, role=Role.COORDINATOR)
    notify(
        held.values_list("user", flat=True),
        f"members.left:{ended.pk}",
        title=f"{entry.name} quitte l’association",
        body=f"Démission reçue de son espace. Membre jusqu’à la veille du {long_date(ends_on)}.",
        path=reverse("members:member", args=[entry.cpts.slug, entry.pk]),
        cpts=entry.cpts,
        now=now,
    )
    return ended


def _left_so(entry: Member, ends_on: date) -> Membership | None:
    """The membership that the same form, sent twice, has just ended."""
    found = Membership.objects.filter(
        member=entry, state=MembershipState.ENDED, end_ground=EndGround.RESIGNATION, ends_on=ends_on
    )
    return found.select_related("member__cpts").first()
