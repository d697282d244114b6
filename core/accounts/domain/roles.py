"""What a person may act as, and giving or ending a role."""

from datetime import datetime

from django.db import transaction

from core.access.actors import Actor, HeldRoles
from core.access.enums import Role
from core.accounts.models import RoleAssignment, User
from core.audit.domain.journal import changed, created, record, snapshot
from core.organisations.models import Cpts, Institution

_FIELDS = ("user", "role", "cpts", "institution", "started_at", "ended_at")


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
) -> RoleAssignment:
    """Let a person hold a role, and return it; one already held is returned as it is, nothing is written."""
    # Two clicks at once: the second waits here, then finds the role given.
    User.objects.select_for_update().get(pk=user.pk)
    held = RoleAssignment.objects.active().filter(user=user, role=role, cpts=cpts, institution=institution)
    if existing := held.first():
        return existing
    assignment = RoleAssignment.objects.create(
        user=user, role=role, cpts=cpts, institution=institution, started_at=now
    )
    changes = created(snapshot(assignment, _FIELDS))
    record("accounts.role_given", assignment, by=by, now=now, cpts_id=assignment.cpts_id, changes=changes)
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: Actor, now: datetime) -> RoleAssignment:
    """End a role, and return it; one already ended is left as it is."""
    locked = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if locked.ended_at is not None:
        return locked
    before = snapshot(locked, _FIELDS)
    locked.ended_at = max(now, locked.started_at)
    locked.save(update_fields=["ended_at"])
    changes = changed(before, snapshot(locked, _FIELDS))
    record("accounts.role_ended", locked, by=by, now=now, cpts_id=locked.cpts_id, changes=changes)
    return locked
