"""Search as you type."""

import pytest

from core.territories.domain.names import search_form, word_beginnings
from core.territories.domain.search import LIMIT, search_places
from tests.factories.territories import GRANVILLE, SAINT_LO_AGGLO


def names(query: str, vintage) -> list[str]:
    return [commune.name for commune in search_places(query, vintage).communes]


def epcis(query: str, vintage) -> list[str]:
    return [epci.name for epci in search_places(query, vintage).epcis]


@pytest.mark.parametrize(
    "query", ["saint lo", "st lo", "SAINT-LÔ", "St-Lô", "lo saint", "sain lô", "  saint   lo "]
)
def test_accents_hyphens_case_order_and_abbreviations_do_not_matter(granville, query):
    assert names(query, granville)[0] == "Saint-Lô"
    assert "CA Saint-Lô Agglo" in epcis(query, granville)


def test_words_are_found_by_their_beginning_only(granville):
    assert names("gran", granville)[:1] == ["Granville"]
    assert "Granville" not in names("ville", granville)
    assert names("anvill", granville) == []


def test_the_exact_name_comes_first_then_whole_words_then_larger_populations(granville):
    found = names("saint denis", granville)
    assert found[:2] == ["Saint-Denis", "Saint-Denis"]
    populations = [commune.population for commune in search_places("saint denis", granville).communes[:2]]
    assert populations == sorted(populations, reverse=True)
    assert names("villedieu", granville)[0] == "Villedieu-les-Poêles-Rouffigny"


def test_epci_are_found_by_any_word_and_by_siren(granville):
    assert epcis("granv", granville) == ["CC de Granville, Terre et Mer"]
    assert epcis("mer terre", granville) == ["CC de Granville, Terre et Mer"]
    assert epcis(SAINT_LO_AGGLO, granville) == ["CA Saint-Lô Agglo"]


def test_postal_and_official_codes(granville):
    assert "Granville" in names("504", granville)
    assert names("50400", granville)[0] == "Granville"
    assert names("50218", granville) == ["Granville"]
    assert names("75 011", granville) == ["Paris", "Paris 11e Arrondissement"]
    assert names("00000", granville) == []


def test_an_arrondissement_is_found_by_its_number(granville):
    assert names("paris 12", granville) == ["Paris 12e Arrondissement"]


@pytest.mark.parametrize("query", ["", "g", "gr", "g r", "50", "--", "'; drop", "%%%", "___", "x" * 5000])
def test_short_or_strange_queries_find_nothing(granville, query):
    assert not search_places(query, granville)


def test_at_most_twelve_places(granville):
    results = search_places("saint", granville)
    assert results.count == LIMIT


@pytest.mark.parametrize(("query", "queries"), [("saint", 2), ("granville", 2), ("504", 1), ("gr", 0)])
def test_queries_do_not_grow_with_the_results(granville, django_assert_num_queries, query, queries):
    with django_assert_num_queries(queries):
        for commune in search_places(query, granville).communes:
            assert commune.departement.name


def test_an_ambiguous_beginning_is_tried_both_ways():
    assert search_form("Ste-Marie-du-Mont") == " sainte marie du mont"
    assert word_beginnings("st lo") == [(" saint", " st"), (" lo",)]


def test_another_vintage_is_not_searched(granville, geographic_code_file):
    from core.territories.domain.geographic_code import load_geographic_code

    later = load_geographic_code(geographic_code_file(vintage=2027)).vintage
    assert {commune.vintage_id for commune in search_places("granville", later).communes} == {later.pk}
    assert search_places("granville", later).epcis[0].code == GRANVILLE
