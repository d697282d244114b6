"""Who may read the money of a CPTS, and who says that it came in. No rule makes a query."""

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import Tenant, Verdict, allowed_if


def can_see_schedule(actor: Actor, cpts: Tenant) -> Verdict:
    """The schedule, its statements and its receipts: who runs the CPTS, and who reviews it."""
    return allowed_if(
        actor.role == Role.REVIEWER or actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "L’échéancier est ouvert à la coordination, à la trésorerie et au bureau de la CPTS, "
        "et aux institutions qui la suivent.",
    )


def can_record_receipt(actor: Actor, cpts: Tenant) -> Verdict:
    """The treasurer sees the bank account: they alone say what came in, and take it back."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.TREASURER),
        "Les versements reçus sont enregistrés par la trésorerie de la CPTS.",
    )


def can_ask_for_pdf(actor: Actor, cpts: Tenant) -> Verdict:
    """A statement's PDF is made by itself; those who run the CPTS may ask for it, reviewers read."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "Le PDF se prépare de lui-même\u00a0: la coordination, la trésorerie et le bureau le redemandent.",
    )
