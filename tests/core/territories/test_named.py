"""Every commune that has the words, from the names that stay in the process."""

import pytest

from core.territories.domain.geographic_code import load_geographic_code
from core.territories.domain.named import cities_named
from core.territories.domain.names import search_form, word_beginnings
from core.territories.domain.search import communes_named
from core.territories.models import Commune
from tests.factories.territories import sample_code

PARIS, LYON, MARSEILLE = "75056", "69123", "13055"


def alone(*codes):
    """Return communes that are their own city."""
    return {code: code for code in codes}


@pytest.fixture
def renamed(granville, geographic_code_file):
    """Return a loader of the sample again, a name in the place of that of Granville."""

    def load(name, **changes):
        rows = [
            [row[0], name if row[0] == "50218" else row[1], *row[2:]] for row in sample_code()["communes"]
        ]
        file = geographic_code_file(communes=rows, **changes)
        return load_geographic_code(file, replace=True).vintage

    return load


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("granv", alone("50218")),
        ("GRANVÎLLE", alone("50218")),
        ("st lo", alone("13078", "50502", "50504")),
        ("lô saint", alone("13078", "50502", "50504")),
        ("ste", alone("13080", "50453", "50556", "69202", "97418", "97420")),
        ("saint-sauveur", alone("05156", "21571", "29262", "35310", "50549")),
        ("saint saint sauveur", alone("05156", "21571", "29262", "35310", "50549")),
        ("paris", {PARIS: PARIS} | {f"751{number:02}": PARIS for number in range(1, 21)}),
        ("paris 10", {"75110": PARIS}),
        ("lyon 3", {"69383": LYON}),
        ("marseille 1", {f"132{number:02}": MARSEILLE for number in (1, *range(10, 17))}),
    ],
)
def test_each_commune_that_has_the_words_is_found_with_its_city(granville, query, found):
    assert cities_named(query, granville) == found


@pytest.mark.parametrize(
    "query",
    ["", "gr", "g r", "st", "anvill", "ville granv", "%%%", "___", "a\nb c", " " * 60 + "granv", "x" * 5000],
)
def test_few_letters_and_what_begins_no_word_find_nothing(granville, query):
    assert cities_named(query, granville) == {}


def test_what_is_typed_is_read_up_to_sixty_signs(granville):
    assert cities_named("granvx".rjust(60), granville) == {}
    assert cities_named("granvx".rjust(61), granville) == alone("50218")


def test_every_beginning_of_every_word_finds_what_the_names_and_the_database_say(granville):
    rows = list(Commune.objects.filter(vintage=granville).select_related("parent"))
    words = {row.code: search_form(row.name).split() for row in rows}
    cities = {row.code: row.parent.code if row.parent else row.code for row in rows}
    queries = {word[:3] for each in words.values() for word in each if len(word) > 2}
    queries |= {row.name for row in rows}
    assert (len(rows), len(queries)) == (482, 807)

    for query in queries:
        wanted = [tuple(each.strip() for each in any_of) for any_of in word_beginnings(query)]
        expected = {
            code: cities[code]
            for code, its in words.items()
            if all(any(word.startswith(any_of) for word in its) for any_of in wanted)
        }
        assert cities_named(query, granville) == expected, query
    for query in ("gra", "st", "paris 1", "de la", "l l l"):
        in_database = communes_named(query, granville).values_list("code", flat=True)
        assert sorted(cities_named(query, granville)) == sorted(in_database), query


def test_names_are_read_once_then_again_when_the_code_is_loaded_with_others(
    granville, renamed, django_assert_num_queries
):
    assert cities_named("granv", granville) == alone("50218")
    replaced = renamed("Port-Neuf")
    assert (replaced.pk, replaced.digest == granville.digest) == (granville.pk, False)

    with django_assert_num_queries(1):
        assert cities_named("granv", replaced) == {}
    with django_assert_num_queries(0):
        assert cities_named("port neuf", replaced) == alone("50218")
        assert cities_named("paris 10", replaced) == {"75110": PARIS}


def test_each_vintage_has_its_names(granville, renamed):
    later = renamed("Port-Neuf", vintage=2027)

    for _ in range(2):
        assert cities_named("port neuf", later) == alone("50218") != cities_named("port neuf", granville)
        assert cities_named("granv", granville) == alone("50218") != cities_named("granv", later)
