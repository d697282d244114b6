"""What a person may act as, and giving or ending a role."""

from datetime import datetime

from django.db import transaction

from core.access.actors import Actor, HeldRoles
from core.access.enums import Role
from core.access.verdict import Verdict, allowed_if
from core.accounts.models import RoleAssignment, User
from core.accounts.rules import can_end_role, can_give_role
from core.audit.domain.journal import changed, created, record, snapshot
from core.organisations.models import Cpts, Institution

_FIELDS = ("user", "role", "cpts", "institution", "started_at", "ended_at")
_NEVER_WITHOUT = {
    Role.COORDINATOR: (
        "Cette CPTS n’aurait plus personne à sa coordination. "
        "Confiez d’abord ce rôle à quelqu’un d’autre, puis revenez ici."
    ),
    Role.ADMINISTRATOR: (
        "La plateforme n’aurait plus personne à son administration. "
        "Confiez d’abord ce rôle à quelqu’un d’autre, puis revenez ici."
    ),
}


def held_roles(user_id: int, *, chosen: int | None) -> HeldRoles:
    """Return the roles that a person holds now, and the one they act in: `chosen`, or their first."""
    held = [assignment.to_held_role() for assignment in RoleAssignment.objects.of_user(user_id)]
    current = next((role for role in held if role.assignment_id == chosen), held[0] if held else None)
    return HeldRoles(current=current, held=tuple(held))


@transaction.atomic
def give_role(
    user: User,
    role: Role,
    *,
    by: Actor,
    now: datetime,
    cpts: Cpts | None = None,
    institution: Institution | None = None,
    invited_as: str = "",
) -> RoleAssignment:
    """Let a person hold a role, and return it; one already held is returned as it is, nothing is written.

    Raises RefusedError when `by` may not give it.
    """
    can_give_role(by, role, cpts.pk if cpts else None).require()
    # Two clicks at once: the second waits here, then finds the role given.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    held = RoleAssignment.objects.active().filter(user=user, role=role, cpts=cpts, institution=institution)
    if existing := held.first():
        return existing
    assignment = RoleAssignment.objects.create(
        user=user, role=role, cpts=cpts, institution=institution, started_at=now, invited_as=invited_as
    )
    changes = created(snapshot(assignment, _FIELDS))
    record("accounts.role_given", assignment, by=by, now=now, cpts_id=assignment.cpts_id, changes=changes)
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: Actor, now: datetime) -> RoleAssignment:
    """End a role, and return it; one already ended is left as it is.

    Raises RefusedError when `by` may not end it, or when a CPTS would have no coordinator left, or the
    platform no administrator.
    """
    can_end_role(by, assignment).require()
    # All who hold it are locked, in one order: of two last coordinators leaving at once, the second waits
    # here, then finds that it is the last.
    alike = RoleAssignment.objects.alike(assignment).order_by("pk")
    holders = list(alike.select_for_update(no_key=True))
    locked = next((held for held in holders if held.pk == assignment.pk), None)
    if locked is None:
        return RoleAssignment.objects.get(pk=assignment.pk)
    can_be_left(locked.role, len(holders)).require()
    before = snapshot(locked, _FIELDS)
    locked.ended_at = max(now, locked.started_at)
    locked.save(update_fields=["ended_at"])
    changes = changed(before, snapshot(locked, _FIELDS))
    record("accounts.role_ended", locked, by=by, now=now, cpts_id=locked.cpts_id, changes=changes)
    return locked


def can_be_left(role: str, holders: int) -> Verdict:
    """Tell whether one of `holders` people holding a role in one place may leave it."""
    return allowed_if(holders > 1 or role not in _NEVER_WITHOUT, _NEVER_WITHOUT.get(Role(role), ""))
