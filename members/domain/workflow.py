"""The states of a membership: the table of moves and the one gate through which every move goes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from core.access.actors import Actor
from core.access.verdict import Rule, StaleError
from core.organisations.models import Cpts
from members.domain.members import hold_registry
from members.enums import EndGround, MembershipState
from members.models import Membership
from members.rules import can_decide_memberships, can_edit_members, can_leave


@dataclass(frozen=True, slots=True)
class Move:
    """Who may make a move, and the field that must then say why ("" for none)."""

    rule: Rule
    reason: str = ""


TRANSITIONS: Mapping[MembershipState, Mapping[MembershipState, Move]] = {
    MembershipState.APPLIED: {
        # The body that the statutes name decides.
        MembershipState.ADMITTED: Move(can_decide_memberships),
        MembershipState.REFUSED: Move(can_decide_memberships, reason="decision_note"),
        # The applicant gives it up.
        MembershipState.WITHDRAWN: Move(can_edit_members),
    },
    MembershipState.WITHDRAWN: {},
    MembershipState.REFUSED: {},
    # Resignation, death, radiation, or a change that begins another period.
    MembershipState.ADMITTED: {MembershipState.ENDED: Move(can_decide_memberships, reason="end_ground")},
    MembershipState.ENDED: {},
}
"""Every move there is. Nobody comes back by a move: who returns has a new period."""

_NOW = {
    MembershipState.APPLIED: "la demande attend une décision",
    MembershipState.WITHDRAWN: "la demande a été retirée",
    MembershipState.REFUSED: "la demande a été refusée",
    MembershipState.ADMITTED: "l’adhésion est admise",
    MembershipState.ENDED: "l’adhésion est terminée",
}
_REASONS = {
    "decision_note": "Dites pourquoi la demande est refusée.",
    "end_ground": "Dites pourquoi l’adhésion se termine.",
}


class MovedError(StaleError):
    """The membership stands elsewhere than the move expects; the message is a French sentence."""

    def __init__(self, membership: Membership) -> None:
        state = _NOW[MembershipState(membership.state)]
        super().__init__(f"{membership.member.name}\u00a0: {state} entre-temps. Rien n’a été enregistré.")


def lock_memberships(cpts: Cpts, membership_ids: Collection[int]) -> list[Membership]:
    """Return these memberships of a CPTS, in order, locked until the end of the caller's transaction.

    The registry is held first, as by every writer. Raises Membership.DoesNotExist when one is not there.
    """
    hold_registry(cpts)
    wanted = set(membership_ids)
    found = Membership.objects.select_for_update(of=("self",)).filter(pk__in=wanted, member__cpts=cpts.pk)
    memberships = list(found.select_related("member__cpts", "college").order_by("applied_on", "pk"))
    if len(memberships) < len(wanted):
        raise Membership.DoesNotExist
    return memberships


def lock_membership(membership: Membership) -> Membership:
    """Return this membership as it now is, locked with the registry of its CPTS."""
    return lock_memberships(membership.member.cpts, [membership.pk])[0]


def move(membership: Membership, target: MembershipState, *, by: Actor, **values: Any) -> Membership:
    """Write a locked membership in its new state with `values`, and return it.

    Raises MovedError for a move that the table has not, RefusedError for who may not make it, and
    ValidationError when the move must say why and does not.
    """
    wanted = TRANSITIONS[MembershipState(membership.state)].get(target)
    if wanted is None:
        raise MovedError(membership)
    if not _resigns(by, membership, values):
        wanted.rule(by, membership.member.cpts).require()
    if wanted.reason and not values.get(wanted.reason):
        raise ValidationError({wanted.reason: _REASONS[wanted.reason]})
    for name, value in values.items():
        setattr(membership, name, value)
    membership.state = target
    membership.save(update_fields=["state", *values])
    return membership


def _resigns(by: Actor, membership: Membership, values: Mapping[str, Any]) -> bool:
    """Whether somebody ends their own membership, on no other ground than resignation."""
    is_resignation = values.get("end_ground") == EndGround.RESIGNATION
    return is_resignation and bool(can_leave(by, membership.member))
