"""Who may do what with the registry. No rule makes a query."""

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import Tenant, Verdict, allowed_if


def can_see_members(actor: Actor, cpts: Tenant) -> Verdict:
    """The registry holds personal data: it is read by those who run the association."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "Le registre des membres est ouvert à la coordination, à la trésorerie et au bureau.",
    )


def can_edit_members(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator keeps the registry."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR),
        "Le registre des membres est tenu par la coordination\u00a0: demandez-lui cette modification.",
    )


def can_decide_memberships(actor: Actor, cpts: Tenant) -> Verdict:
    """Decisions of the bodies are recorded by the coordination or by the bureau."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.BOARD),
        "Les décisions d’adhésion sont enregistrées par la coordination ou le bureau.",
    )


def can_see_statutes(actor: Actor, cpts: Tenant) -> Verdict:
    """The statutes are those of every member."""
    return allowed_if(actor.is_in(cpts.pk), "Les statuts sont ouverts aux membres de la CPTS.")


def can_edit_statutes(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordination and the bureau record what the assembly adopted."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.BOARD),
        "Les statuts sont enregistrés par la coordination ou le bureau.",
    )
