"""Composing a territory."""

import pytest

from core.territories.domain.selection import Distance, SelectionError, distances, resolve_selection
from core.territories.models import Commune
from tests.factories.territories import (
    AIX_MARSEILLE,
    CINOR,
    GRAND_PARIS,
    GRANVILLE,
    LYON_METROPOLE,
    VILLEDIEU,
)

pytestmark = pytest.mark.usefixtures("granville")


def members(epci: str) -> list[str]:
    return list(Commune.objects.filter(epci__code=epci).values_list("code", flat=True))


def errors(*, epci=(), communes=()) -> list[str]:
    with pytest.raises(SelectionError) as caught:
        resolve_selection(epci=epci, communes=communes)
    assert str(caught.value) == " ".join(caught.value.errors)
    return caught.value.errors


def test_a_code_with_a_nul_is_the_code_without():
    assert resolve_selection(epci=["\x00"], communes=["5\x000218", "\x00 "]).commune_codes == ("50218",)


def test_hundreds_of_wrong_codes_are_told_briefly_and_all_rejected():
    wrong = [f"X{number:04d}" for number in range(300)]
    with pytest.raises(SelectionError) as caught:
        resolve_selection(epci=[], communes=[*wrong, "50218"])
    assert len(caught.value.errors) == 21
    assert caught.value.errors[-1] == "Et 280 autres codes sont refusés."
    assert caught.value.rejected == frozenset(wrong)
    assert len(errors(communes=wrong[:21])) == 21


def test_whole_epci_and_single_communes_add_up():
    selection = resolve_selection(epci=[GRANVILLE, VILLEDIEU], communes=["50502"])
    assert len(selection.communes) == 32 + 27 + 1
    assert selection.population == 45_650 + 15_779 + 19_471
    assert selection.source == "INSEE, populations municipales 2023 (code officiel géographique 2026)"
    assert [
        (group.name, len(group.communes), group.population, group.whole) for group in selection.groups
    ] == [
        ("CC de Granville, Terre et Mer", 32, 45_650, True),
        ("CA Saint-Lô Agglo", 1, 19_471, False),
        ("CC de Villedieu Intercom", 27, 15_779, True),
    ]
    assert selection.to_query() == f"epci={GRANVILLE},{VILLEDIEU}&communes=50502"
    assert (selection.epci_codes, selection.commune_codes) == ((GRANVILLE, VILLEDIEU), ("50502",))


def test_duplicates_blanks_and_communes_of_a_chosen_epci_are_merged():
    selection = resolve_selection(epci=[GRANVILLE, GRANVILLE], communes=["50218", " 50218 ", "50218", ""])
    assert (len(selection.communes), selection.to_query()) == (32, f"epci={GRANVILLE}")


def test_communes_that_complete_an_epci_become_the_epci():
    assert resolve_selection(epci=[], communes=members(GRANVILLE)).to_query() == f"epci={GRANVILLE}"
    assert resolve_selection(epci=[], communes=members(GRANVILLE)[1:]).epci_codes == ()


def test_an_empty_territory_is_empty():
    selection = resolve_selection(epci=[], communes=["", " "])
    assert not selection
    assert (selection.population, selection.source, selection.to_query()) == (0, "", "")


@pytest.mark.parametrize(
    ("city", "parts", "whole"),
    [("75056", "751", 2_103_778), ("69123", "6938", 519_127), ("13055", "132", 886_040)],
)
def test_a_city_counts_whole_or_by_arrondissements(city, parts, whole):
    arrondissements = list(Commune.objects.filter(parent__code=city).values_list("code", flat=True))
    assert all(code.startswith(parts) for code in arrondissements)
    assert resolve_selection(epci=[], communes=[city]).population == whole
    assert resolve_selection(epci=[], communes=arrondissements).population == whole


@pytest.mark.parametrize(
    ("epci", "city", "part", "names"),
    [
        (GRAND_PARIS, "75056", "75101", ("Paris", "Métropole du Grand Paris", "Paris 1er Arrondissement")),
        (LYON_METROPOLE, "69123", "69383", ("Lyon", "Métropole de Lyon", "Lyon 3e Arrondissement")),
        (
            AIX_MARSEILLE,
            "13055",
            "13216",
            ("Marseille", "Métropole d'Aix-Marseille-Provence", "Marseille 16e Arrondissement"),
        ),
    ],
)
def test_a_city_never_counts_twice(epci, city, part, names):
    already = f"La commune de {names[0]} est déjà dans le territoire"
    advice = f"\u00a0: gardez la commune entière ou ses arrondissements ({names[2]})."
    assert errors(communes=[city, part]) == [already + advice]
    assert errors(epci=[epci], communes=[part]) == [f"{already} (par {names[1]}){advice}"]


def test_an_arrondissement_is_listed_under_its_city_s_epci():
    (group,) = resolve_selection(epci=[], communes=["75101", "93066"]).groups
    assert (group.name, group.whole) == ("Métropole du Grand Paris", False)


def test_unknown_codes_are_named_and_the_rest_is_sound():
    with pytest.raises(SelectionError) as caught:
        resolve_selection(epci=["1", GRANVILLE], communes=["99999", "50218", "<b>" * 8])
    assert caught.value.errors == [
        "Aucun EPCI n’a le code «\u00a01\u00a0» dans le code officiel géographique 2026.",
        "Aucune commune n’a le code «\u00a099999\u00a0» dans le code officiel géographique 2026.",
        (
            "Aucune commune n’a le code «\u00a0<B><B><B><B><B><B><B\u00a0» "
            "dans le code officiel géographique 2026."
        ),
    ]
    assert caught.value.rejected == {"1", "99999", "<B>" * 8}


def test_a_territory_has_at_most_1200_communes(granville):
    departement = Commune.objects.first().departement
    Commune.objects.bulk_create(
        Commune(
            vintage=granville, departement=departement, kind="commune", code=f"X{n:04}", name=f"X{n}",
            search_name=f" x{n}", population=1,
        )
        for n in range(1201)
    )  # fmt: skip
    codes = [f"X{n:04}" for n in range(1201)]
    assert resolve_selection(epci=[], communes=codes[:1200]).population == 1200
    assert errors(communes=codes) == ["Un territoire compte au plus 1\u202f200 communes\u00a0: retirez-en."]
    assert errors(epci=[GRANVILLE], communes=codes[:1190]) == [
        "Un territoire compte au plus 1\u202f200 communes\u00a0: retirez-en."
    ]


def test_a_commune_without_figure_is_named_and_never_counts_as_zero():
    selection = resolve_selection(epci=[], communes=["98412", "29155"])
    assert [commune.name for commune in selection.without_figure] == ["Archipel des Kerguelen"]
    assert selection.population == 860
    assert selection.source == (
        "INSEE, populations municipales 2023, année variable selon le territoire "
        "(code officiel géographique 2026)"
    )
    assert [group.name for group in selection.groups] == ["Sans intercommunalité"]


def test_the_source_tells_every_year():
    assert resolve_selection(epci=[], communes=["97611", "29155"]).source == (
        "INSEE, populations municipales 2017 et 2023 (code officiel géographique 2026)"
    )


def test_without_takes_out_a_commune_or_what_is_listed_under_an_epci():
    selection = resolve_selection(epci=[GRANVILLE], communes=["75101", "29155"])
    assert selection.without(commune="50218").population == selection.population - 12_510
    assert selection.without(commune="50218").epci_codes == ()
    assert selection.without(epci=GRAND_PARIS).to_query() == f"epci={GRANVILLE}&communes=29155"
    assert selection.without(epci=GRANVILLE).to_query() == "communes=29155,75101"
    assert selection.without(epci="nope", commune="nope").to_query() == selection.to_query()


@pytest.mark.parametrize(
    ("epci", "communes"), [((), ["50218"]), ((CINOR,), ()), ((GRANVILLE, VILLEDIEU), ["50502"])]
)
def test_queries_do_not_grow_with_the_territory(django_assert_num_queries, epci, communes):
    with django_assert_num_queries(2):
        selection = resolve_selection(epci=epci, communes=communes)
        assert selection.groups[0].name
        assert selection.source
        assert selection.to_query()


def test_distances_tell_what_is_missing_and_what_is_above():
    assert distances(60_200, (80_000, 40_000, 60_200)) == [
        Distance(40_000, 0, 20_200),
        Distance(60_200, 0, 0),
        Distance(80_000, 19_800, 0),
    ]
