"""Who may do what with the contract of a CPTS. No rule makes a query."""

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import Tenant, Verdict, allowed_if


def can_see_contract(actor: Actor, cpts: Tenant) -> Verdict:
    """The contract says who gets how much: it is for those who run the CPTS, and for those who review it.

    Reviewers reached the CPTS through their scope (`Cpts.objects.visible_to`).
    """
    return allowed_if(
        actor.role == Role.REVIEWER or actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "Le contrat est ouvert à la coordination, à la trésorerie, au bureau et aux instructeurs.",
    )


def can_record_contract(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator records what was signed, and what changes in it."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR),
        "Le contrat est tenu par la coordination\u00a0: demandez-lui cette modification.",
    )


def can_record_attainment(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator records the rates agreed with the CPAM and the ARS."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR),
        "Les taux d’atteinte sont enregistrés par la coordination\u00a0: demandez-lui cette modification.",
    )
