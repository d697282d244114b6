"""Opening a CPTS to the person who will coordinate it."""

from datetime import datetime

from django.db import transaction

from core.access.actors import Actor
from core.access.enums import Role
from core.accounts.domain.invitations import Invitation, invite_person
from core.organisations.domain.association import open_cpts
from core.organisations.rules import can_administrate
from core.territories.models import Departement


@transaction.atomic
def open_cpts_to(
    *,
    name: str,
    departement: Departement,
    email: str,
    first_name: str,
    last_name: str,
    by: Actor,
    now: datetime,
) -> Invitation:
    """Open a CPTS and invite its first coordinator, together or not at all; return the invitation.

    Raises RefusedError unless an administrator asks, ValidationError when the name is taken.
    """
    can_administrate(by).require()
    cpts = open_cpts(name, departement, by=by, now=now)
    return invite_person(
        email=email,
        first_name=first_name,
        last_name=last_name,
        role=Role.COORDINATOR,
        by=by,
        now=now,
        cpts=cpts,
    )
