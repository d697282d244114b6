"""Which entries a visitor sees, and which one is current."""

import pytest
from django.urls import reverse

from core.access.actors import HeldRoles
from cpts.navigation import navigation


def context(rf, path):
    request = rf.get(path)
    request.roles = HeldRoles()
    return navigation(request)


def current(rf, path):
    item = context(rf, path)["current_nav"]
    return item and item.label


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
