"""Main navigation, by audience: what each visitor may open from any page."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class NavItem:
    """One entry: French label, name of the view, heroicon name."""

    label: str
    view: str
    icon: str

    @property
    def url(self) -> str:
        """Return the address to open."""
        return reverse(self.view)


_HOME = NavItem("Accueil", "home", "home")
_PUBLIC = (
    _HOME,
    NavItem("Simulateur", "funding:simulator", "chart-bar"),
    NavItem("Vérifier un document", "documents:verify", "shield-check"),
)
_DEVELOPMENT = (NavItem("Catalogue", "ui:catalogue", "swatch"),)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Template context: the entries open to this visitor, and the one being shown."""
    items = _PUBLIC + (_DEVELOPMENT if settings.DEBUG else ())
    return {
        "navigation": items,
        "current_nav": next((item for item in items if _holds(item, request.path)), None),
    }


def _holds(item: NavItem, path: str) -> bool:
    # Every address starts with the home page's: that entry is current only on the page itself.
    return path == item.url if item is _HOME else path.startswith(item.url)
