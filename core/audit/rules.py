"""Who reads the journal of a CPTS."""

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import Tenant, Verdict, allowed_if


def can_read_history(actor: Actor, cpts: Tenant) -> Verdict:
    """Those who run the CPTS read what was done in it: it tells amounts and people."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "L’historique est ouvert à la coordination, à la trésorerie et au bureau de la CPTS.",
    )
