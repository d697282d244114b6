"""Which entries a visitor sees, and which one is current."""

import pytest
from django.urls import reverse

from core.access.actors import HeldRoles
from core.access.enums import Role
from cpts.navigation import navigation


def context(rf, path):
    request = rf.get(path)
    request.roles = HeldRoles()
    return navigation(request)


def current(rf, path):
    item = context(rf, path)["current_nav"]
    return item and item.label


@pytest.fixture
def shown(sign_in, cpts):
    """The context of the navigation on a page of the CPTS, for a role."""

    def show(role: Role, path: str):
        return sign_in(role).get(path.format(slug=cpts.slug)).context

    return show


def test_the_public_entries(rf):
    labels = [item.label for item in context(rf, "/")["navigation"]]
    assert labels == ["Accueil", "Simulateur", "Vérifier un document"]


@pytest.mark.parametrize(("path", "label"), [("/", "Accueil"), ("/travaux/x/", None), ("/inconnu", None)])
def test_home_is_current_on_itself_only(rf, path, label):
    assert current(rf, path) == label


@pytest.mark.parametrize(
    ("view", "label"), [("funding:simulator", "Simulateur"), ("documents:verify", "Vérifier un document")]
)
def test_an_entry_is_current_on_its_pages(rf, view, label):
    assert current(rf, reverse(view)) == label
    assert current(rf, f"{reverse(view)}plus-loin/") == label


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (Role.COORDINATOR, ["Accueil", "Membres", "Contrat", "Échéancier"]),
        (Role.TREASURER, ["Accueil", "Échéancier", "Versements", "Cotisations"]),
        (Role.BOARD, ["Accueil", "Membres", "Contrat", "Échéancier"]),
        (Role.MEMBER, ["Accueil", "Mon espace", "Association", "Territoire"]),
        (Role.REVIEWER, ["Accueil", "CPTS", "Simulateur", "Vérifier un document"]),
        (Role.ADMINISTRATOR, ["Accueil", "Administration", "Annuaire", "Simulateur"]),
    ],
)
def test_a_phone_has_four_entries_and_more_when_there_are_others(shown, role, labels):
    page = shown(role, "/")
    assert [link.label for link in page["navigation"] if not link.folded] == labels
    assert page["navigation_is_folded"] == (len(page["navigation"]) > len(labels))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER])
def test_the_folded_entries_are_listed_where_more_leads(sign_in, role):
    response = sign_in(role).get("/")
    page = response.content.decode()
    assert '<a href="/#pages"' in page
    listed = page.split('id="pages"')[1].split("</nav>")[0]
    assert all(f'href="{link.url}"' in listed for link in response.context["navigation"] if link.folded)


@pytest.mark.parametrize(
    ("role", "path", "label"),
    [
        (Role.COORDINATOR, "/cpts/{slug}/", "Association"),
        (Role.COORDINATOR, "/cpts/{slug}/association/modifier/", "Association"),
        (Role.COORDINATOR, "/cpts/{slug}/decomptes/", "Échéancier"),
        (Role.COORDINATOR, "/cpts/{slug}/versements/", "Échéancier"),
        (Role.COORDINATOR, "/cpts/{slug}/annuaire/", "Annuaire"),
        (Role.COORDINATOR, "/cpts/{slug}/historique/", "Historique"),
        (Role.TREASURER, "/cpts/{slug}/versements/", "Versements"),
        (Role.TREASURER, "/cpts/{slug}/decomptes/", "Échéancier"),
        (Role.REVIEWER, "/cpts/{slug}/", "CPTS"),
        (Role.ADMINISTRATOR, "/cpts/{slug}/", "Administration"),
    ],
)
def test_the_pages_of_a_cpts_belong_to_an_entry(shown, role, path, label):
    assert shown(role, path)["current_nav"].label == label
