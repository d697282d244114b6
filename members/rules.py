"""Who may do what with the registry. No rule makes a query."""

from typing import Protocol

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


class Entry(Protocol):
    """An entry of the registry as rules see it."""

    cpts_id: int
    user_id: int | None


def can_have_space(actor: Actor, cpts: Tenant) -> Verdict:
    """Whoever acts in a CPTS has a space there, once their account is tied to an entry."""
    return allowed_if(actor.is_in(cpts.pk), "L’espace personnel est ouvert aux membres de la CPTS.")


def can_leave(actor: Actor, entry: Entry) -> Verdict:
    """A member resigns by themselves: nobody else does it in their name here."""
    return allowed_if(
        actor.is_in(entry.cpts_id) and actor.user_id is not None and actor.user_id == entry.user_id,
        "Chacun quitte l’association depuis son propre espace.",
    )


class View(Protocol):
    """A saved list as rules see it."""

    owner_id: int
    cpts_id: int
    is_shared: bool


def can_change_view(actor: Actor, view: View) -> Verdict:
    """A saved list is its author's, shared or not."""
    return allowed_if(actor.user_id == view.owner_id, "Cette vue se modifie par son auteur.")


def can_delete_view(actor: Actor, view: View) -> Verdict:
    """The coordination clears what others shared and left."""
    is_left_to_all = view.is_shared and actor.is_in(view.cpts_id, Role.COORDINATOR)
    return allowed_if(
        actor.user_id == view.owner_id or is_left_to_all,
        "Cette vue se supprime par son auteur ou par la coordination.",
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


def can_see_fees(actor: Actor, cpts: Tenant) -> Verdict:
    """Who pays and who is late is personal: it is read by those who run the association."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER, Role.BOARD),
        "Les cotisations sont ouvertes à la coordination, à la trésorerie et au bureau.",
    )


def can_keep_fees(actor: Actor, cpts: Tenant) -> Verdict:
    """Calls and payments are kept by who sees the money and who knows the members."""
    return allowed_if(
        actor.is_in(cpts.pk, Role.COORDINATOR, Role.TREASURER),
        "Les cotisations sont tenues par la trésorerie et la coordination.",
    )
