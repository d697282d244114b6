"""What the picker makes of an address."""

import pytest
from django.http import QueryDict

from core.territories.forms import TerritoryPicker
from tests.factories.territories import CINOR, GRAND_PARIS, GRANVILLE, VILLEDIEU

pytestmark = pytest.mark.usefixtures("granville")


def picker(query: str) -> TerritoryPicker:
    return TerritoryPicker.from_query(QueryDict(query))


def test_the_address_is_read_back_canonical():
    read = picker(f"epci={VILLEDIEU},{GRANVILLE}&communes=50218,50502&communes=29155")
    assert read.canonical_items() == [("epci", f"{GRANVILLE},{VILLEDIEU}"), ("communes", "29155,50502")]
    assert read.codes == {"epci": [GRANVILLE, VILLEDIEU], "communes": ["29155", "50502"]}
    assert not read.is_empty
    assert read.errors == ()


def test_nothing_chosen():
    read = picker("autre=1")
    assert read.is_empty
    assert (read.canonical_items(), read.errors, read.results) == ([], (), None)


@pytest.mark.parametrize(
    ("edit", "items"),
    [
        (f"ajouter=epci:{VILLEDIEU}", [("epci", VILLEDIEU), ("communes", "50218")]),
        ("ajouter=commune:50502", [("communes", "50218,50502")]),
        ("ajouter=commune:50218", [("communes", "50218")]),
        ("retirer=commune:50218", []),
        (f"retirer=epci:{GRANVILLE}", []),
        ("retirer=commune:99999", [("communes", "50218")]),
        ("ajouter=x&retirer=y&ajouter=commune:&retirer=epci:", [("communes", "50218")]),
    ],
)
def test_buttons_add_and_remove(edit, items):
    assert picker(f"communes=50218&{edit}").canonical_items() == items


def test_removing_one_commune_of_a_whole_epci_keeps_the_others():
    read = picker(f"epci={GRANVILLE}&retirer=commune:50218")
    assert len(read.selection.communes) == 31
    assert read.codes["epci"] == []


def test_an_addition_that_cannot_be_leaves_the_territory_as_it_was():
    read = picker(f"epci={GRAND_PARIS}&ajouter=commune:75101")
    assert read.canonical_items() == [("epci", GRAND_PARIS)]
    assert [error[:37] for error in read.errors] == ["La commune de Paris est déjà dans le "]


def test_bad_codes_are_left_out_and_named():
    read = picker(f"epci=1,{GRANVILLE}&communes=99999,50502")
    assert read.canonical_items() == [("epci", GRANVILLE), ("communes", "50502")]
    assert len(read.errors) == 2
    read = picker(f"epci={GRAND_PARIS}&communes=75101,99999")
    assert read.canonical_items() == [("epci", GRAND_PARIS)]


def test_a_search_without_script_is_answered_in_the_page():
    assert [epci.code for epci in picker("recherche=granv").results.epcis] == [GRANVILLE]
    assert picker("recherche=granv&ajouter=commune:50218").results is None


def listed(query: str) -> dict[str, bool]:
    return {group.key: group.is_listed for group in picker(query).groups}


def test_communes_are_listed_when_asked_for_or_few_and_chosen_one_by_one():
    two = f"epci={GRANVILLE},{VILLEDIEU}"
    assert listed(two) == {GRANVILLE: False, VILLEDIEU: False}
    assert listed(f"{two}&ouvrir={VILLEDIEU}") == {GRANVILLE: False, VILLEDIEU: True}
    assert listed(f"{two}&ouvert={VILLEDIEU}&retirer=commune:50502") == {GRANVILLE: False, VILLEDIEU: True}
    assert listed(f"{two}&ouvert={VILLEDIEU}&ouvrir={GRANVILLE}") == {GRANVILLE: True, VILLEDIEU: False}
    assert listed(f"epci={CINOR}") == {CINOR: False}  # three communes, but nobody chose them one by one
    assert listed("communes=50218,29155") == {GRANVILLE: True, "hors-epci": True}
    assert listed(f"epci={GRANVILLE}&retirer=commune:50218") == {GRANVILLE: False}


@pytest.mark.parametrize(
    "query", ["communes=50218", f"epci={GRANVILLE}", f"epci={GRANVILLE},{VILLEDIEU}&communes=50502"]
)
def test_queries_do_not_grow_with_the_territory(django_assert_num_queries, query):
    with django_assert_num_queries(2):
        picker(query)
