"""Who sees the people of a CPTS, and who gives or ends which role. No rule makes a query."""

from typing import Protocol

from core.access.actors import Actor
from core.access.enums import CPTS_ROLES, HELD_ROLES, Role
from core.access.verdict import Tenant, Verdict, allowed_if


class Held(Protocol):
    """A role somebody holds, as rules see it."""

    role: str
    cpts_id: int | None


_GIVES_ALL = frozenset({Role.ADMINISTRATOR, Role.PLATFORM})


def can_see_people(actor: Actor, cpts: Tenant) -> Verdict:
    """Who does what in a CPTS is known to its coordination and its board, and to the administrator."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.BOARD) or actor.role == Role.ADMINISTRATOR,
        "La liste des personnes est ouverte à la coordination et au bureau.",
    )


def can_keep_people(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator invites the people of the CPTS; the administrator may too."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR) or actor.role == Role.ADMINISTRATOR,
        "Les rôles sont confiés par la coordination\u00a0: demandez-lui cette invitation.",
    )


def can_give_role(actor: Actor, role: str, cpts_id: int | None) -> Verdict:
    """The administrator gives every role, a coordinator those of their own CPTS, nobody else any."""
    if actor.role in _GIVES_ALL:
        return allowed_if(role in HELD_ROLES, "Ce rôle ne se confie à personne.")
    return allowed_if(
        role in CPTS_ROLES and cpts_id is not None and actor.is_in(cpts_id, Role.COORDINATOR),
        "Vous ne pouvez pas confier ce rôle\u00a0: il dépend de l’administration de la plateforme, "
        "ou de la coordination d’une CPTS.",
    )


def can_end_role(actor: Actor, held: Held) -> Verdict:
    """Whoever may give a role may end it."""
    return can_give_role(actor, held.role, held.cpts_id)
