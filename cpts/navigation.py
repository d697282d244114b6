"""Main navigation, by role: what each visitor may open from any page."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from core.access.actors import HeldRole, HeldRoles
from core.access.enums import CPTS_ROLES, Role


@dataclass(frozen=True)
class NavItem:
    """One entry: French label, name of the view, heroicon name; `in_cpts` when its address names the CPTS.

    `also` is the beginnings of other addresses whose pages belong to it; `{slug}` stands for the CPTS.
    """

    label: str
    view: str
    icon: str
    in_cpts: bool = False
    also: tuple[str, ...] = ()

    def link(self, slug: str, *, folded: bool = False) -> "NavLink":
        """Return the entry as the page draws it, for the CPTS of this name in addresses."""
        url = reverse(self.view, args=[slug] if self.in_cpts else [])
        return NavLink(
            self.label, url, self.icon, folded, tuple(each.format(slug=slug) for each in self.also)
        )


@dataclass(frozen=True)
class NavLink:
    """An entry with its address; a `folded` one leaves the bar of a phone to the four used most."""

    label: str
    url: str
    icon: str
    folded: bool
    also: tuple[str, ...]

    def match(self, path: str) -> int:
        """Return the length of the beginning of `path` that it holds, 0 for none; home holds itself alone."""
        if self.url == "/":
            return int(path == "/")
        return max((len(start) for start in (self.url, *self.also) if path.startswith(start)), default=0)


_EVERY_CPTS = ("/cpts/",)
_HOME = NavItem("Accueil", "home", "home")
_SIMULATOR = NavItem("Simulateur", "funding:simulator", "calculator")
_VERIFY = NavItem("Vérifier un document", "documents:verify", "shield-check")
_ASSOCIATION = NavItem("Association", "organisations:association", "identification", in_cpts=True)
_MEMBERS = NavItem("Membres", "members:members", "user-group", in_cpts=True)
_SPACE = NavItem("Mon espace", "members:space", "user-circle", in_cpts=True)
_TERRITORY = NavItem("Territoire", "organisations:territory", "map", in_cpts=True)
_CONTRACT = NavItem("Contrat", "contract:contract", "document-text", in_cpts=True)
_SCHEDULE = NavItem(
    "Échéancier",
    "contract:schedule",
    "calendar-days",
    in_cpts=True,
    also=("/cpts/{slug}/decomptes/", "/cpts/{slug}/versements/"),
)
_RECEIPTS = NavItem("Versements", "contract:receipts", "banknotes", in_cpts=True)
_FEES = NavItem("Cotisations", "members:fees", "credit-card", in_cpts=True)
_CONTACTS = NavItem("Annuaire", "organisations:contacts", "book-open", in_cpts=True)
_PEOPLE = NavItem("Personnes", "accounts:people", "users", in_cpts=True)
_HISTORY = NavItem("Historique", "history", "clock", in_cpts=True)
_ADMINISTRATION = NavItem("Administration", "administration:overview", "cog-6-tooth", also=_EVERY_CPTS)
_SHARED_CONTACTS = NavItem("Annuaire", "organisations:shared_contacts", "book-open")
_REVIEWED = NavItem("CPTS", "reviewed", "rectangle-stack", also=_EVERY_CPTS)
_PUBLIC = (_HOME, _SIMULATOR, _VERIFY)
_OF_A_CPTS = (
    _HOME,
    _ASSOCIATION,
    _MEMBERS,
    _TERRITORY,
    _CONTRACT,
    _SCHEDULE,
    _FEES,
    _CONTACTS,
    _PEOPLE,
    _HISTORY,
)
_BY_ROLE: dict[Role, tuple[NavItem, ...]] = {
    Role.COORDINATOR: _OF_A_CPTS,
    Role.TREASURER: (
        _HOME,
        _SCHEDULE,
        _RECEIPTS,
        _FEES,
        _MEMBERS,
        _CONTRACT,
        _ASSOCIATION,
        _TERRITORY,
        _CONTACTS,
    ),
    Role.BOARD: _OF_A_CPTS,
    Role.MEMBER: (_HOME, _SPACE, _ASSOCIATION, _TERRITORY, _SIMULATOR),
    Role.REVIEWER: (_HOME, _REVIEWED, _SIMULATOR, _VERIFY),
    Role.ADMINISTRATOR: (_HOME, _ADMINISTRATION, _SHARED_CONTACTS, _SIMULATOR),
}
# A phone has room for four entries and « Plus », which opens the list of all the pages on the home page.
_FOLDED: dict[Role, frozenset[NavItem]] = {
    Role.COORDINATOR: frozenset({_ASSOCIATION, _TERRITORY, _FEES, _CONTACTS, _PEOPLE, _HISTORY}),
    Role.TREASURER: frozenset({_MEMBERS, _CONTRACT, _ASSOCIATION, _TERRITORY, _CONTACTS}),
    Role.MEMBER: frozenset({_SIMULATOR}),
    Role.BOARD: frozenset({_ASSOCIATION, _TERRITORY, _FEES, _CONTACTS, _PEOPLE, _HISTORY}),
}
_DEVELOPMENT = NavItem("Catalogue", "ui:catalogue", "swatch")


def navigation(request: HttpRequest) -> dict[str, object]:
    """Template context: the entries open to this visitor, the one being shown, the roles they hold."""
    # A request refused before its visitor is known has none.
    roles: HeldRoles = getattr(request, "roles", HeldRoles())
    links = _links(roles.current)
    return {
        "navigation": links,
        "navigation_is_folded": any(link.folded for link in links),
        "current_nav": _current(links, request.path),
        "roles": roles,
    }


def _links(current: HeldRole | None) -> list[NavLink]:
    items = _BY_ROLE[current.actor.role] if current else _PUBLIC
    folded = _FOLDED.get(current.actor.role, frozenset()) if current else frozenset()
    slug = current.slug if current and current.actor.role in CPTS_ROLES else ""
    links = [item.link(slug, folded=item in folded) for item in items]
    return [*links, _DEVELOPMENT.link("", folded=bool(folded))] if settings.DEBUG else links


def _current(links: list[NavLink], path: str) -> NavLink | None:
    """Return the entry that holds the most of the beginning of `path`, its own address before `also`."""
    closest = max(links, key=lambda link: (link.match(path), path.startswith(link.url)), default=None)
    return closest if closest and closest.match(path) else None
