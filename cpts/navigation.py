"""Main navigation, by audience: what each visitor may open from any page."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse_lazy


@dataclass(frozen=True)
class NavItem:
    """One entry: French label, address, heroicon name."""

    label: str
    url: str
    icon: str


_HOME = NavItem("Accueil", reverse_lazy("home"), "home")
_PUBLIC = (
    _HOME,
    NavItem("Simulateur", reverse_lazy("funding:simulator"), "calculator"),
    NavItem("Vérifier un document", reverse_lazy("documents:verify"), "shield-check"),
)
_DEVELOPMENT = (NavItem("Catalogue", reverse_lazy("ui:catalogue"), "swatch"),)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Template context: the entries open to this visitor, and the one being shown."""
    items = _PUBLIC + (_DEVELOPMENT if settings.DEBUG else ())
    return {
        "navigation": items,
        "current_nav": next((item for item in items if _holds(item, request.path)), None),
    }


def _holds(item: NavItem, path: str) -> bool:
    # Every address starts with the home page's: that one is current only on itself.
    url = str(item.url)
    return path == url if item is _HOME else path.startswith(url)
