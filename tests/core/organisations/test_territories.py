"""Deciding a territory, and reading those of other days."""

from datetime import date, timedelta

import pytest

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.organisations.domain.territories import (
    TerritoryError,
    decide_territory,
    propose_territory,
    timeline_of,
)
from core.organisations.enums import TerritoryState
from core.organisations.models import Cpts, TerritoryCommune, TerritoryVersion
from core.territories.domain.geographic_code import load_geographic_code
from core.territories.domain.selection import TerritorySelection, resolve_selection
from tests.factories.decisions import NOW, TODAY, decide
from tests.factories.people import assign
from tests.factories.territories import GRANVILLE, LYON_METROPOLE, VILLEDIEU, sample_code

pytestmark = pytest.mark.usefixtures("granville")
SOURCE = "INSEE, populations municipales 2023 (code officiel géographique 2026)"
JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)


def rows():
    """Everything a decision could write."""
    return (
        list(TerritoryVersion.objects.order_by("pk").values()),
        list(TerritoryCommune.objects.order_by("pk").values()),
        list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True)),
        list(Cpts.objects.order_by("pk").values()),
    )


def codes(version):
    return set(version.communes.values_list("code", flat=True))


class TestFirstDecision:
    def test_it_copies_the_communes_and_the_population_with_its_source(self, cpts):
        version = decide(cpts, epci=[GRANVILLE])

        assert (version.cpts, version.starts_on, version.ends_on) == (cpts, JANUARY, None)
        assert (version.population, version.commune_count, version.vintage_year) == (45_650, 32, 2026)
        assert version.population_source == SOURCE
        assert version.recorded_at == NOW
        assert sum(version.communes.values_list("population", flat=True)) == 45_650
        row = version.communes.values().get(code="50218")
        assert {name: row[name] for name in row if name not in {"id", "territory_id"}} == {
            "code": "50218",
            "city_code": "50218",
            "name": "Granville",
            "departement_code": "50",
            "departement_name": "Manche",
            "region_code": "28",
            "epci_code": GRANVILLE,
            "epci_name": "CC de Granville, Terre et Mer",
            "population": 12_510,
        }

    def test_communes_are_kept_by_epci_the_largest_first_then_by_name(self, cpts):
        version = decide(cpts, communes=["50639", "50647", "50008", "50218", "29155"])

        assert list(version.communes.order_by("pk").values_list("name", flat=True)) == [
            "Anctoville-sur-Boscq",
            "Granville",
            "Yquelon",
            "Villedieu-les-Poêles-Rouffigny",
            "Ouessant",
        ]

    def test_an_arrondissement_keeps_its_city_and_its_city_s_epci(self, cpts):
        version = decide(cpts, communes=["69383"])

        row = version.communes.get()
        assert (row.code, row.city_code, row.epci_code) == ("69383", "69123", LYON_METROPOLE)

    def test_a_commune_without_figure_stays_without_figure(self, cpts):
        version = decide(cpts, communes=["98412", "50218"])

        assert version.communes.get(code="98412").population is None
        assert version.population == 12_510

    def test_the_journal_tells_it_once(self, cpts):
        by = Actor(role=Role.COORDINATOR, user_id=assign(Role.COORDINATOR, cpts).user_id, cpts_id=cpts.pk)
        version = decide(cpts, communes=["50218"], by=by)

        entry = AuditEntry.objects.get(chain=f"cpts-{cpts.pk}")
        assert (entry.action, entry.target_id, entry.actor_id, entry.actor_role) == (
            "organisations.territory_decided",
            str(version.pk),
            by.user_id,
            Role.COORDINATOR,
        )
        assert entry.changes == {
            "starts_on": [None, "2026-01-01"],
            "population": [None, 12_510],
            "commune_count": [None, 1],
            "population_source": [None, SOURCE],
            "communes_added": [None, ["Granville (50218)"]],
        }
        assert list(chain_faults()) == []

    def test_nothing_of_the_cpts_itself_nor_of_another_changes(self, cpts, other_cpts):
        before = list(Cpts.objects.order_by("pk").values())
        decide(cpts, communes=["50218"])

        assert list(Cpts.objects.order_by("pk").values()) == before
        assert not other_cpts.territories.exists()


class TestNextDecision:
    def test_the_former_one_ends_and_stays_as_it_was(self, cpts):
        former = decide(cpts, epci=[GRANVILLE])
        communes = list(former.communes.order_by("pk").values())
        version = decide(cpts, epci=[GRANVILLE, VILLEDIEU], starts_on=JUNE)
        former.refresh_from_db()

        assert (former.ends_on, version.starts_on, version.ends_on) == (JUNE, JUNE, None)
        assert former.population == 45_650
        assert list(former.communes.order_by("pk").values()) == communes

    def test_the_journal_names_what_comes_and_goes_and_both_populations(self, cpts):
        decide(cpts, communes=["50218", "50361"])
        decide(cpts, communes=["50218", "50647"], starts_on=JUNE)

        changes = AuditEntry.objects.filter(chain=f"cpts-{cpts.pk}").latest("position").changes
        gone, come = TerritoryCommune.objects.get(code="50361"), TerritoryCommune.objects.get(code="50647")
        assert changes == {
            "starts_on": ["2026-01-01", "2026-06-01"],
            "population": [12_510 + gone.population, 12_510 + come.population],
            "communes_added": [None, [str(come)]],
            "communes_removed": [[str(gone)], None],
        }

    def test_the_same_territory_again_writes_nothing(self, cpts):
        version = decide(cpts, epci=[GRANVILLE])
        before = rows()

        assert decide(cpts, epci=[GRANVILLE], starts_on=JUNE) == version
        assert rows() == before

    def test_the_same_day_replaces_a_territory_that_never_served(self, cpts):
        former = decide(cpts, communes=["50218"])
        version = decide(cpts, communes=["50218", "50361"])
        former.refresh_from_db()

        assert former.ends_on == former.starts_on == version.starts_on
        assert list(TerritoryVersion.objects.in_force(TODAY)) == [version]
        assert codes(former) == {"50218"}

    def test_a_coming_territory_leaves_today_s_in_force(self, cpts):
        former = decide(cpts, communes=["50218"])
        version = decide(cpts, communes=["50361"], starts_on=JUNE)

        assert list(TerritoryVersion.objects.in_force(TODAY)) == [former]
        assert list(TerritoryVersion.objects.in_force(JUNE - timedelta(days=1))) == [former]
        assert list(TerritoryVersion.objects.in_force(JUNE)) == [version]

    def test_a_past_date_is_possible(self, cpts):
        assert decide(cpts, communes=["50218"], starts_on=date(2019, 5, 1)).starts_on == date(2019, 5, 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("day", "said"),
        [
            (date(2016, 1, 25), "Les CPTS existent depuis le 26 janvier 2016"),
            (date(1, 1, 1), "Les CPTS existent depuis"),
            (date(2028, 3, 3), "deux ans à l’avance au plus, jusqu’au 2 mars 2028"),
            (date(9999, 12, 31), "deux ans à l’avance au plus"),
            (date(2025, 12, 31), "déjà décidé à partir du 1er janvier 2026"),
        ],
    )
    def test_a_day_that_cannot_be_is_refused_and_nothing_changes(self, cpts, day, said):
        decide(cpts, communes=["50218"])
        before = rows()

        with pytest.raises(TerritoryError, match=said):
            decide(cpts, communes=["50361"], starts_on=day)

        assert rows() == before

    @pytest.mark.parametrize("day", [date(2016, 1, 26), date(2028, 3, 2)])
    def test_the_first_and_last_possible_days(self, cpts, day):
        assert decide(cpts, communes=["50218"], starts_on=day).starts_on == day

    def test_no_commune_is_refused(self, cpts):
        with pytest.raises(TerritoryError, match="Choisissez au moins une commune"):
            decide_territory(
                cpts, TerritorySelection(vintage=None), starts_on=TODAY, by=Actor(role=Role.PLATFORM), now=NOW
            )
        assert not TerritoryVersion.objects.exists()

    def test_a_territory_decided_meanwhile_is_not_written_over(self, cpts):
        seen = decide(cpts, communes=["50218"]).pk
        decide(cpts, communes=["50361"], starts_on=JUNE)
        before = rows()

        with pytest.raises(StaleError):
            decide(cpts, communes=["50647"], starts_on=JUNE, seen=seen)
        with pytest.raises(StaleError):
            decide(cpts, communes=["50647"], starts_on=JUNE, seen=0)

        assert rows() == before

    def test_the_same_form_sent_twice_gives_one_territory(self, cpts):
        seen = decide(cpts, communes=["50218"]).pk
        version = decide(cpts, communes=["50361"], starts_on=JUNE, seen=seen)
        before = rows()

        assert decide(cpts, communes=["50361"], starts_on=JUNE, seen=seen) == version
        assert rows() == before


class TestLaterVintage:
    @pytest.fixture
    def next_year(self, geographic_code_file):
        """Load the 2027 code: Granville has more inhabitants, Anctoville-sur-Boscq is gone."""
        data = sample_code()
        communes = [
            [*row[:2], 20_000, *row[3:]] if row[0] == "50218" else row
            for row in data["communes"]
            if row[0] != "50008"
        ]
        return load_geographic_code(geographic_code_file(vintage=2027, communes=communes)).vintage

    def test_it_changes_nothing_that_was_decided(self, cpts, request):
        decide(cpts, epci=[GRANVILLE])
        before = rows()
        request.getfixturevalue("next_year")

        assert rows() == before
        assert timeline_of(cpts, TODAY).current.version.population == 45_650

    def test_deciding_the_same_communes_again_takes_its_figures(self, cpts, request):
        former = decide(cpts, communes=["50218"])
        request.getfixturevalue("next_year")
        version = decide(cpts, communes=["50218"], starts_on=JUNE)
        former.refresh_from_db()

        assert (former.population, former.vintage_year) == (12_510, 2026)
        assert (version.population, version.vintage_year) == (20_000, 2027)
        assert "2027" in version.population_source


class TestTimeline:
    def test_each_territory_says_where_it_stands(self, cpts):
        decide(cpts, communes=["50218"], starts_on=date(2024, 1, 1))
        decide(cpts, communes=["50361"], starts_on=JANUARY)
        decide(cpts, communes=["50647"], starts_on=JANUARY)
        decide(cpts, communes=["50218", "50361"], starts_on=JUNE)
        timeline = timeline_of(cpts, TODAY)

        assert [(each.state, each.sentence) for each in timeline.territories] == [
            (TerritoryState.COMING, "À partir du 1er juin 2026, jusqu’à nouvelle décision"),
            (TerritoryState.CURRENT, "Du 1er janvier 2026 au 31 mai 2026"),
            (TerritoryState.REPLACED, "Décidé pour le 1er janvier 2026, remplacé avant d’avoir servi"),
            (TerritoryState.PAST, "Du 1er janvier 2024 au 31 décembre 2025"),
        ]
        assert timeline.current == timeline.territories[1]
        assert timeline.coming == [timeline.territories[0]]
        assert timeline.latest == timeline.territories[0].version

    def test_without_any(self, cpts):
        timeline = timeline_of(cpts, TODAY)

        assert (timeline.territories, timeline.current, timeline.latest, timeline.coming) == (
            (),
            None,
            None,
            [],
        )

    def test_it_reads_one_query(self, cpts, django_assert_num_queries):
        decide(cpts, communes=["50218"])
        with django_assert_num_queries(1):
            timeline_of(cpts, TODAY)


def test_a_proposal_says_what_would_change_and_writes_nothing(cpts):
    former = decide(cpts, communes=["50218", "50361"])
    before = rows()
    selection = resolve_selection(epci=[], communes=["50218", "50647"])
    proposal = propose_territory(cpts, selection, starts_on=JUNE, today=TODAY, seen=former.pk)

    assert [row.code for row in proposal.difference.added] == ["50647"]
    assert [row.code for row in proposal.difference.removed] == ["50361"]
    assert (proposal.ends, proposal.changes_nothing, proposal.replaces) == (former, False, False)
    assert rows() == before


@pytest.mark.parametrize("codes", [{"communes": ["50218"]}, {"epci": [GRANVILLE, VILLEDIEU]}])
def test_a_decision_costs_the_same_whatever_the_size(cpts, django_assert_num_queries, codes):
    decide(cpts, communes=["50361"])
    with django_assert_num_queries(14):
        decide(cpts, starts_on=JUNE, **codes)
