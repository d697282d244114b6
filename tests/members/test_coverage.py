"""Members beside the professionals in practice: who is who, what is counted, and in how many queries."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.domain.coverage import (
    GENERAL_PRACTITIONER,
    NO_EPCI,
    Figure,
    activity_label,
    coverage_of,
    matching,
    readable,
)
from members.models import PracticePlace
from tests.factories.directory import hold, line, load
from tests.factories.members import MemberFactory, MembershipFactory
from tests.factories.territories import GRANVILLE, VILLEDIEU

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("granville")]
DAY = date(2026, 3, 2)
GRANVILLE_CODE, SAINT_PAIR, VILLEDIEU_CODE = "50218", "50532", "50639"


@pytest.fixture
def littoral(cpts, granville):
    hold(cpts, epci=[GRANVILLE, VILLEDIEU])
    return cpts


def nurse(number, **values):
    return line(**{"identifier": f"81{number:010d}", "last_name": f"INFIRMIER {number}"} | values)


def rpps(number):
    return f"1{number:010d}"


def member(cpts, **values):
    return MembershipFactory(member=MemberFactory(cpts=cpts, **values)).member


def figures(coverage):
    return {line.activity: line.total for line in coverage.lines}


def test_nothing_before_an_edition(littoral):
    assert coverage_of(littoral, DAY) is None


class TestWhoIsWho:
    def test_the_rpps_number_tells_whatever_the_name(self, littoral):
        load(nurse(1, last_name="AUTRE NOM"), nurse(2))
        member(littoral, rpps=rpps(1), last_name="Nom d’usage")

        coverage = coverage_of(littoral, DAY)

        assert figures(coverage) == {"60": Figure(in_practice=2, members=1, absent=0)}
        assert [each.name for each in coverage.missing] == ["Camille Infirmier 2"]

    @pytest.mark.parametrize(
        ("last_name", "first_name"), [("LE HETRE", "JEAN PIERRE"), ("Le Hêtre", "Jean-Pierre")]
    )
    def test_without_a_number_the_name_and_the_profession_do(self, littoral, last_name, first_name):
        load(nurse(1, last_name=last_name, first_name=first_name))
        member(littoral, last_name="Le Hêtre", first_name="Jean-Pierre")

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(1, 1, 0)}

    def test_the_directory_may_be_the_one_without_a_number(self, littoral):
        load(line(identifier="0501234567", last_name="ESSAI", first_name="CAMILLE"))
        member(littoral, rpps=rpps(1), last_name="Essai")

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(1, 1, 0)}

    def test_two_numbers_that_differ_are_two_people(self, littoral):
        load(nurse(1, last_name="ESSAI"))
        member(littoral, rpps=rpps(2), last_name="Essai")

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(1, 0, 1)}

    def test_another_profession_is_another_person(self, littoral):
        load(nurse(1, last_name="ESSAI"))
        member(littoral, last_name="Essai", profession="70")

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(1, 0, 0), "70": Figure(0, 0, 1)}

    def test_namesakes_are_told_apart_by_their_commune_or_not_at_all(self, littoral):
        load(nurse(1, last_name="ESSAI"), nurse(2, last_name="ESSAI", commune=SAINT_PAIR))
        member(littoral, last_name="Essai", commune_code=SAINT_PAIR)
        coverage = coverage_of(littoral, DAY)
        assert figures(coverage) == {"60": Figure(2, 1, 0)}
        assert [each.identifier for each in coverage.missing] == ["810000000001"]

        littoral.members.update(commune_code="")

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(2, 0, 1)}

    def test_the_rate_never_passes_one_even_when_two_entries_are_the_same_person(self, littoral):
        load(nurse(1, last_name="ESSAI"))
        member(littoral, rpps=rpps(1), last_name="Essai")
        member(littoral, last_name="Essai")

        coverage = coverage_of(littoral, DAY)

        assert figures(coverage) == {"60": Figure(1, 1, 1)}
        assert coverage.total.rate == 1

    def test_people_of_the_registry_who_are_not_members_are_known_and_missing(self, littoral):
        load(nurse(1), nurse(2))
        contact = MemberFactory(cpts=littoral, rpps=rpps(1))

        missing = coverage_of(littoral, DAY).missing

        assert [(each.identifier, each.entry and each.entry.pk) for each in missing] == [
            ("810000000001", contact.pk),
            ("810000000002", None),
        ]
        assert missing[0].entry.status == "Sans adhésion"

    def test_a_member_comes_before_a_namesake_who_is_not(self, littoral):
        load(nurse(1, last_name="ESSAI"))
        MemberFactory(cpts=littoral, last_name="Essai")
        member(littoral, last_name="Essai")

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(1, 1, 0)}


class TestWhatIsCounted:
    def test_members_on_the_day_of_this_cpts_alone(self, littoral, other_cpts):
        load(nurse(1), nurse(2), nurse(3))
        member(other_cpts, rpps=rpps(1))
        MembershipFactory(
            member=MemberFactory(cpts=littoral, rpps=rpps(2)),
            state="ended",
            ends_on=date(2026, 3, 2),
            end_ground="resignation",
        )
        member(littoral, rpps=rpps(3))

        assert figures(coverage_of(littoral, DAY)) == {"60": Figure(3, 1, 0)}
        assert figures(coverage_of(littoral, date(2026, 3, 1))) == {"60": Figure(3, 2, 0)}

    def test_general_practitioners_are_apart(self, littoral):
        load(nurse(1, profession="10", skill="SM26"), nurse(2, profession="10", skill="SM04"))
        member(littoral, rpps=rpps(1), profession="10", doctor_kind="general")
        member(littoral, profession="10")

        coverage = coverage_of(littoral, DAY)

        assert figures(coverage) == {GENERAL_PRACTITIONER: Figure(1, 1, 0), "10": Figure(1, 0, 1)}
        assert [line.label for line in coverage.lines] == ["Médecin, autre spécialité", "Médecin généraliste"]

    def test_somebody_in_two_communes_counts_in_each_and_once_over_the_whole(self, littoral):
        load(nurse(1), nurse(1, commune=VILLEDIEU_CODE), nurse(2))
        member(littoral, rpps=rpps(1))

        coverage = coverage_of(littoral, DAY)

        assert [(part.code, part.figure) for part in coverage.by_epci] == [
            (GRANVILLE, Figure(2, 1, 0)),
            (VILLEDIEU, Figure(1, 1, 0)),
        ]
        assert [part.figure for part in coverage.lines[0].by_epci] == [Figure(2, 1, 0), Figure(1, 1, 0)]
        assert coverage.total == Figure(2, 1, 0)
        assert coverage.within({VILLEDIEU_CODE}).total == Figure(1, 1, 0)

    def test_somebody_of_two_professions_is_one_person(self, littoral):
        load(nurse(1), nurse(1, profession="93"))
        member(littoral, rpps=rpps(1))

        coverage = coverage_of(littoral, DAY)

        assert figures(coverage) == {"60": Figure(1, 1, 0), "93": Figure(1, 1, 0)}
        assert coverage.total == Figure(1, 1, 0)

    def test_absent_members_count_apart_where_they_practise(self, littoral):
        load(nurse(1))
        absent = member(littoral, commune_code=SAINT_PAIR)
        PracticePlace.objects.create(member=absent, commune_code=VILLEDIEU_CODE, commune_name="Villedieu")
        member(littoral, profession="35")

        coverage = coverage_of(littoral, DAY)

        assert figures(coverage) == {"60": Figure(1, 0, 1), "35": Figure(0, 0, 1)}
        assert [part.figure for part in coverage.by_epci] == [Figure(1, 0, 1), Figure(0, 0, 1)]
        assert coverage.total == Figure(1, 0, 2)

    def test_members_without_a_profession_are_no_professionals(self, littoral):
        load(nurse(1))
        member(littoral, profession="")

        assert coverage_of(littoral, DAY).total == Figure(1, 0, 0)

    def test_the_territory_alone(self, littoral, other_cpts):
        hold(other_cpts, communes=["35115"])
        load(nurse(1), nurse(2, commune="35115"))

        assert coverage_of(littoral, DAY).total == Figure(1, 0, 0)
        assert coverage_of(other_cpts, DAY).total == Figure(1, 0, 0)

    @pytest.mark.usefixtures("littoral")
    def test_a_territory_not_yet_decided_counts_nobody(self, other_cpts):
        load(nurse(1))

        coverage = coverage_of(other_cpts, DAY)

        assert (coverage.communes, coverage.total, coverage.lines) == ([], Figure(0, 0, 0), [])

    def test_communes_without_an_epci_come_last(self, cpts):
        hold(cpts, communes=["29155"], epci=[GRANVILLE])
        load(nurse(1, commune="29155"))

        epcis = coverage_of(cpts, DAY).epcis

        assert list(epcis) == [GRANVILLE, NO_EPCI]
        assert epcis[NO_EPCI] == "Sans intercommunalité"


class TestCitiesWithArrondissements:
    def test_a_city_held_whole_counts_its_arrondissements(self, cpts):
        hold(cpts, communes=["69123"])
        load(nurse(1, commune="69383"), nurse(2, commune="69123"), nurse(2, commune="69381"))

        coverage = coverage_of(cpts, DAY)

        assert coverage.total == Figure(2, 0, 0)
        assert [list(each.places) for each in coverage.practitioners] == [["69123"], ["69123"]]
        assert coverage.unplaced == 0

    def test_an_arrondissement_leaves_out_who_is_placed_in_none(self, cpts):
        hold(cpts, communes=["69383"])
        load(nurse(1, commune="69383"), nurse(2, commune="69123"), nurse(3, commune="69381"))

        coverage = coverage_of(cpts, DAY)

        assert coverage.total == Figure(1, 0, 0)
        assert coverage.unplaced == 1


@pytest.mark.parametrize(
    ("figure", "rate"),
    [
        (Figure(0, 0, 3), None),
        (Figure(3, 1, 0), Decimal("0.333")),
        (Figure(2000, 1999, 0), Decimal("0.999")),
        (Figure(7, 7, 9), Decimal("1.000")),
    ],
)
def test_a_rate(figure, rate):
    assert figure.rate == rate


def test_names_are_read_as_people_write_them():
    assert [readable(name) for name in ("D'EMBRUNS", "JEAN-PIERRE", "Le Hêtre", "")] == [
        "D'Embruns",
        "Jean-Pierre",
        "Le Hêtre",
        "",
    ]
    assert activity_label("60") == "Infirmier"


def test_a_search_finds_names_and_structures(littoral):
    load(
        nurse(1, last_name="ÉGLANTIER", first_name="ZOÉ"),
        nurse(2, last_name="GENET", sign="Cabinet du Port-Salé"),
    )
    people = coverage_of(littoral, DAY).practitioners

    def found(words):
        return [each.identifier[-1] for each in matching(people, words)]

    assert found("eglan zo") == ["1"]
    assert found("port sa") == ["2"]
    assert found("lantier") == []
    assert found("") == ["1", "2"]


def test_queries_do_not_grow(littoral):
    load(*(nurse(number) for number in range(1, 4)))
    member(littoral, rpps=rpps(1))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert coverage_of(littoral, DAY).lines
    load(*(nurse(number, profession=profession) for number in range(1, 60) for profession in ("60", "70")))
    for number in range(4, 30):
        member(littoral, rpps=rpps(number) if number % 2 else "")
    with CaptureQueriesContext(connection) as many:
        assert coverage_of(littoral, DAY).lines

    assert len(few) == len(many) <= 8
