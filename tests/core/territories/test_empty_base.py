"""Before the geographic code is loaded, every screen says so instead of failing."""

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict
from django.urls import reverse

from core.territories.domain.selection import SelectionError, resolve_selection
from core.territories.forms import TerritoryPicker

pytestmark = pytest.mark.django_db
SENTENCE = (
    "Le code officiel géographique n’est pas chargé sur ce serveur\u00a0: "
    "demandez à son exploitant de lancer la commande load_geographic_code."
)


def test_a_territory_cannot_be_resolved():
    with pytest.raises(SelectionError) as caught:
        resolve_selection(epci=[], communes=["50218"])
    assert (caught.value.errors, caught.value.rejected) == ([SENTENCE], frozenset())


def test_the_picker_is_empty_and_says_why():
    picker = TerritoryPicker.from_query(QueryDict("communes=50218&recherche=granville"))
    assert picker.is_empty
    assert picker.errors == (SENTENCE,)
    assert not picker.results


def test_pages_answer(client):
    assert client.get(reverse("territories:territory")).status_code == 200
    assert client.get(reverse("territories:search"), {"recherche": "gran"}).status_code == 200
    assert client.get(reverse("territories:list_csv"), {"communes": "50218"}).status_code == 400


def test_contours_wait_for_the_code(tmp_path):
    with pytest.raises(CommandError, match="lancez d’abord load_geographic_code"):
        call_command("load_commune_contours", str(tmp_path / "x"))
