"""Main navigation, by role: what each visitor may open from any page."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from core.access.actors import HeldRole, HeldRoles
from core.access.enums import CPTS_ROLES, Role


@dataclass(frozen=True)
class NavItem:
    """One entry: French label, name of the view, heroicon name; `in_cpts` when its address names the CPTS."""

    label: str
    view: str
    icon: str
    in_cpts: bool = False

    def link(self, slug: str) -> "NavLink":
        """Return the entry as the page draws it, for the CPTS of this name in addresses."""
        return NavLink(self.label, reverse(self.view, args=[slug] if self.in_cpts else []), self.icon)


@dataclass(frozen=True)
class NavLink:
    """An entry with its address."""

    label: str
    url: str
    icon: str


_HOME = NavItem("Accueil", "home", "home")
_SIMULATOR = NavItem("Simulateur", "funding:simulator", "calculator")
_VERIFY = NavItem("Vérifier un document", "documents:verify", "shield-check")
_ASSOCIATION = NavItem("Association", "organisations:association", "identification", in_cpts=True)
_PEOPLE = NavItem("Personnes", "accounts:people", "users", in_cpts=True)
_ADMINISTRATION = NavItem("Administration", "administration:overview", "cog-6-tooth")
_SCHEDULE = NavItem("Échéancier", "contract:schedule", "calendar-days", in_cpts=True)
_TERRITORY = NavItem("Territoire", "organisations:territory", "map", in_cpts=True)
_CONTRACT = NavItem("Contrat", "contract:contract", "document-text", in_cpts=True)
_RECEIPTS = NavItem("Versements", "contract:receipts", "banknotes", in_cpts=True)
_SHARED_CONTACTS = NavItem("Annuaire", "organisations:shared_contacts", "book-open")
_REVIEWED = NavItem("CPTS", "reviewed", "rectangle-stack")
_PUBLIC = (_HOME, _SIMULATOR, _VERIFY)
_BY_ROLE: dict[Role, tuple[NavItem, ...]] = {
    Role.COORDINATOR: (_HOME, _ASSOCIATION, _TERRITORY, _CONTRACT, _SCHEDULE, _PEOPLE),
    Role.TREASURER: (_HOME, _SCHEDULE, _RECEIPTS, _CONTRACT, _ASSOCIATION),
    Role.BOARD: (_HOME, _ASSOCIATION, _TERRITORY, _CONTRACT, _SCHEDULE, _PEOPLE),
    Role.MEMBER: (_HOME, _ASSOCIATION, _TERRITORY, _SIMULATOR),
    Role.REVIEWER: (_HOME, _REVIEWED, _SIMULATOR, _VERIFY),
    Role.ADMINISTRATOR: (_HOME, _ADMINISTRATION, _SHARED_CONTACTS, _SIMULATOR),
}
_DEVELOPMENT = (NavItem("Catalogue", "ui:catalogue", "swatch"),)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Template context: the entries open to this visitor, the one being shown, the roles they hold."""
    # A request refused before its visitor is known has none.
    roles: HeldRoles = getattr(request, "roles", HeldRoles())
    links = _links(roles.current)
    return {"navigation": links, "current_nav": _current(links, request.path), "roles": roles}


def _links(current: HeldRole | None) -> list[NavLink]:
    items = _BY_ROLE[current.actor.role] if current else _PUBLIC
    slug = current.slug if current and current.actor.role in CPTS_ROLES else ""
    return [item.link(slug) for item in items + (_DEVELOPMENT if settings.DEBUG else ())]


def _current(links: list[NavLink], path: str) -> NavLink | None:
    """Return the entry whose address is the longest beginning of `path`; home only on the page itself."""
    holding = [link for link in links if path == link.url or (link.url != "/" and path.startswith(link.url))]
    return max(holding, key=lambda link: len(link.url), default=None)
