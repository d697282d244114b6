"""Who may do what with a CPTS's sheet, its territory and the directory. No rule makes a query."""

from typing import Protocol

from core.access.actors import Actor
from core.access.enums import CPTS_ROLES, Role
from core.access.verdict import Tenant, Verdict, allowed_if


class OwnedContact(Protocol):
    """A contact as the rules see it: shared by the installation when `cpts_id` is None."""

    cpts_id: int | None


_READERS = frozenset({*CPTS_ROLES, Role.REVIEWER, Role.ADMINISTRATOR})


def can_see_cpts(actor: Actor, _cpts: Tenant) -> Verdict:
    """The sheet and the territory are open to whoever reached the CPTS (`Cpts.objects.visible_to`)."""
    return allowed_if(actor.role in _READERS, "Cette fiche n’est pas ouverte à votre rôle.")


def can_edit_association(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator keeps the sheet, its stage and its logo."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR),
        "La fiche de l’association est tenue par la coordination\u00a0: demandez-lui cette modification.",
    )


def can_edit_territory(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator keeps the territory."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR),
        "Le territoire est tenu par la coordination\u00a0: demandez-lui cette modification.",
    )


def can_see_contacts(actor: Actor, cpts: Tenant) -> Verdict:
    """The directory is for those who write to institutions."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "L’annuaire des institutions est ouvert à la coordination, à la trésorerie et au bureau.",
    )


def can_edit_contacts(actor: Actor, cpts: Tenant) -> Verdict:
    """The coordinator adds the CPTS's own contacts."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR),
        "Les contacts de la CPTS sont tenus par la coordination.",
    )


def can_edit_contact(actor: Actor, contact: OwnedContact) -> Verdict:
    """A shared contact belongs to the administrator, a CPTS's own one to its coordinator."""
    if contact.cpts_id is None:
        return can_administrate(actor)
    return allowed_if(
        actor.is_in(contact.cpts_id, Role.COORDINATOR),
        "Ce contact est tenu par la coordination de sa CPTS.",
    )


def can_administrate(actor: Actor) -> Verdict:
    """CPTS, institutions and shared contacts are opened by the platform's administrator."""
    return allowed_if(
        actor.role == Role.ADMINISTRATOR, "Cette page est réservée à l’administration de la plateforme."
    )


def can_review(actor: Actor) -> Verdict:
    """The list of the CPTS of a scope is for those who review."""
    return allowed_if(
        actor.role == Role.REVIEWER,
        "Cette page est réservée aux instructeurs de l’ARS, de la CPAM et de la MSA.",
    )
