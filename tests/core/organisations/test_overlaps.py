"""Communes that two CPTS hold at the same time."""

from datetime import date

import pytest

from core.organisations.domain.overlaps import overlap_counts, overlaps_of, overlaps_of_selection
from core.territories.domain.geographic_code import load_geographic_code
from core.territories.domain.selection import resolve_selection
from tests.factories.decisions import TODAY, decide
from tests.factories.people import CptsFactory
from tests.factories.territories import GRANVILLE, VILLEDIEU, sample_code

pytestmark = pytest.mark.usefixtures("granville")
JUNE = date(2026, 6, 1)
PARIS, PARIS_10, PARIS_11 = "75056", "75110", "75111"


def told(overlaps):
    """Return what is said of each overlap: with whom, which communes, how many people, from when."""
    return [
        (each.cpts_name, [row.name for row in each.communes], each.population, each.begins_on)
        for each in overlaps
    ]


def test_a_commune_that_both_hold_is_told_to_both(cpts, other_cpts):
    decide(cpts, communes=["50218", "50647"])
    decide(other_cpts, communes=["50218", "50361"])

    assert told(overlaps_of(cpts, TODAY)) == [("CPTS de la Colline d’essai", ["Granville"], 12_510, None)]
    assert told(overlaps_of(other_cpts, TODAY)) == [("CPTS du Littoral d’essai", ["Granville"], 12_510, None)]
    assert overlap_counts([cpts.pk, other_cpts.pk], TODAY) == {cpts.pk: 1, other_cpts.pk: 1}


def test_communes_are_in_alphabetical_order_and_their_people_summed(cpts, other_cpts):
    decide(cpts, epci=[GRANVILLE])
    decide(other_cpts, communes=["50647", "50218", "50008"])

    (overlap,) = overlaps_of(cpts, TODAY)
    assert told([overlap]) == [
        (
            "CPTS de la Colline d’essai",
            ["Anctoville-sur-Boscq", "Granville", "Yquelon"],
            435 + 12_510 + 1_240,
            None,
        )
    ]
    assert [row.population for row in overlap.communes] == [435, 12_510, 1_240]


def test_neighbours_do_not_overlap(cpts, other_cpts):
    decide(cpts, epci=[GRANVILLE])
    decide(other_cpts, epci=[VILLEDIEU])

    assert overlaps_of(cpts, TODAY) == []
    assert overlap_counts([cpts.pk, other_cpts.pk], TODAY) == {}


def test_a_cpts_without_territory_overlaps_with_nobody(cpts, other_cpts):
    decide(other_cpts, communes=["50218"])

    assert overlaps_of(cpts, TODAY) == []


def test_a_city_held_whole_overlaps_with_its_arrondissements(cpts, other_cpts):
    decide(cpts, communes=[PARIS])
    decide(other_cpts, communes=[PARIS_10, PARIS_11])

    (overlap,) = overlaps_of(cpts, TODAY)
    assert [row.code for row in overlap.communes] == [PARIS_10, PARIS_11]
    assert overlap.population == sum(row.population for row in overlap.communes) < 250_000
    (seen_from_the_other,) = overlaps_of(other_cpts, TODAY)
    assert seen_from_the_other.communes == overlap.communes
    assert overlap_counts([cpts.pk], TODAY) == {cpts.pk: 1}


def test_two_arrondissements_of_one_city_are_two_places(cpts, other_cpts):
    decide(cpts, communes=[PARIS_10, "69383", "13201"])
    decide(other_cpts, communes=[PARIS_11, "69381", "13202"])

    assert overlaps_of(cpts, TODAY) == []
    assert overlap_counts([cpts.pk, other_cpts.pk], TODAY) == {}


def test_the_same_arrondissement_is_one_place(cpts, other_cpts):
    decide(cpts, communes=[PARIS_10, PARIS_11])
    decide(other_cpts, communes=[PARIS_11])

    assert [row.code for row in overlaps_of(cpts, TODAY)[0].communes] == [PARIS_11]


def test_only_what_is_held_on_the_day_counts(cpts, other_cpts):
    decide(cpts, communes=["50218"], starts_on=date(2025, 1, 1))
    decide(other_cpts, communes=["50218"], starts_on=date(2025, 1, 1))
    decide(other_cpts, communes=["50361"], starts_on=date(2026, 3, 1))

    assert overlaps_of(cpts, TODAY) == []
    assert overlap_counts([cpts.pk], TODAY) == {}
    assert told(overlaps_of(cpts, date(2026, 2, 28))) == [
        ("CPTS de la Colline d’essai", ["Granville"], 12_510, None)
    ]


def test_what_will_be_shared_is_told_with_its_day(cpts, other_cpts):
    decide(cpts, communes=["50218", "50361"])
    decide(other_cpts, communes=["50218"])
    decide(other_cpts, communes=["50218", "50361"], starts_on=JUNE)

    assert told(overlaps_of(cpts, TODAY)) == [
        ("CPTS de la Colline d’essai", ["Granville"], 12_510, None),
        ("CPTS de la Colline d’essai", ["La Mouche"], 249, JUNE),
    ]
    assert overlap_counts([cpts.pk], TODAY) == {cpts.pk: 1}


def test_a_coming_territory_that_was_replaced_is_not_told(cpts, other_cpts):
    decide(cpts, communes=["50218"])
    decide(other_cpts, communes=["50218"], starts_on=JUNE)
    decide(other_cpts, communes=["50361"], starts_on=JUNE)

    assert overlaps_of(cpts, TODAY) == []


def test_the_one_who_leaves_before_the_other_comes_shares_nothing(cpts, other_cpts):
    decide(cpts, communes=["50218"])
    decide(cpts, communes=["50361"], starts_on=JUNE)
    decide(other_cpts, communes=["50218"], starts_on=JUNE)

    assert overlaps_of(cpts, TODAY) == []


def test_the_largest_overlap_comes_first(cpts):
    decide(cpts, epci=[GRANVILLE])
    for name, code in (("Petite", "50361"), ("Grande", "50218")):
        decide(CptsFactory(name=name), communes=[code])

    assert [each.cpts_name for each in overlaps_of(cpts, TODAY)] == ["Grande", "Petite"]
    assert overlap_counts([cpts.pk], TODAY) == {cpts.pk: 2}


def test_a_commune_without_figure_is_named_and_not_counted(cpts, other_cpts):
    decide(cpts, communes=["98412"])
    decide(other_cpts, communes=["98412"])

    (overlap,) = overlaps_of(cpts, TODAY)
    assert (overlap.communes[0].population, overlap.population) == (None, 0)


def test_both_sides_read_the_latest_figure(cpts, other_cpts, geographic_code_file):
    decide(cpts, communes=["50218"])
    communes = [
        [*row[:2], 20_000, *row[3:]] if row[0] == "50218" else row for row in sample_code()["communes"]
    ]
    load_geographic_code(geographic_code_file(vintage=2027, communes=communes))
    decide(other_cpts, communes=["50218"])

    assert [overlaps_of(each, TODAY)[0].population for each in (cpts, other_cpts)] == [20_000, 20_000]


def test_a_selection_is_compared_before_it_is_decided(cpts, other_cpts):
    decide(cpts, communes=["50361"])
    decide(other_cpts, communes=[PARIS, "50218"])
    selection = resolve_selection(epci=[], communes=[PARIS_10, "50218", "50361"])

    (overlap,) = overlaps_of_selection(selection, cpts, starts_on=JUNE, day=TODAY)
    assert [row.code for row in overlap.communes] == ["50218", PARIS_10]
    assert overlap.begins_on == JUNE
    (overlap,) = overlaps_of_selection(selection, cpts, starts_on=TODAY, day=TODAY)
    assert overlap.begins_on is None


@pytest.mark.parametrize("others", [1, 3])
def test_overlaps_cost_one_query_whatever_their_number(cpts, django_assert_num_queries, others):
    decide(cpts, epci=[GRANVILLE])
    ids = [cpts.pk]
    for _ in range(others):
        other = CptsFactory()
        decide(other, epci=[GRANVILLE])
        ids.append(other.pk)
    selection = resolve_selection(epci=[GRANVILLE], communes=[])

    with django_assert_num_queries(1):
        assert len(overlaps_of(cpts, TODAY)) == others
    with django_assert_num_queries(1):
        assert overlap_counts(ids, TODAY) == dict.fromkeys(ids, others)
    with django_assert_num_queries(1):
        assert len(overlaps_of_selection(selection, cpts, starts_on=TODAY, day=TODAY)) == others
