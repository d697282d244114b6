"""The list of the CPTS of a reviewer's scope."""

import io
import re
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
import time_machine

from core.access.enums import Role
from core.organisations.enums import Stage
from core.organisations.models import Cpts
from core.territories.models import Vintage
from tests.factories.contracts import EXAMPLE_A, recorded
from tests.factories.decisions import NOW, decide
from tests.factories.people import (
    CptsFactory,
    InstitutionFactory,
    InstitutionScopeFactory,
    assign,
    client_of,
)
from tests.factories.territories import FOUGERES, GRANVILLE, VILLEDIEU

PAGE, XLSX = "/instruction/", "/instruction/cpts.xlsx"


@pytest.fixture(autouse=True)
def clock(granville):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reviewer(db):
    """Return the browser of a reviewer of the Manche."""
    return client_of(assign(Role.REVIEWER))


def text(response):
    return re.sub(r"[ \n]+", " ", response.content.decode())


def names(response):
    """Return the names of the CPTS listed, in order."""
    return re.findall(r'data-label="CPTS"><a href="[^"]*">([^<]*)</a>', text(response))


def exported(response):
    """Return the rows of the workbook, headers and totals left out."""
    rows = openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
    return [row for row in list(rows)[1:] if row[1]]


class TestScope:
    def test_it_holds_the_cpts_seated_there_and_those_that_hold_a_commune_there(self, reviewer, other_cpts):
        CptsFactory(name="Siège ici")
        decide(other_cpts, communes=["50218", "29155"])
        CptsFactory(name="Ailleurs", departement_code="35", region_code="53")

        assert set(names(reviewer.get(PAGE))) == {"Siège ici", "CPTS de la Colline d’essai"}

    @pytest.mark.usefixtures("cpts", "other_cpts")
    def test_a_region_is_a_scope_too(self):
        scope = InstitutionScopeFactory(departement_code="", region_code="53", name="Bretagne")
        client = client_of(assign(Role.REVIEWER, institution=scope.institution))

        assert names(client.get(PAGE)) == ["CPTS de la Colline d’essai"]

    def test_an_institution_in_charge_of_nothing_sees_nothing(self, cpts):
        client = client_of(assign(Role.REVIEWER, institution=InstitutionFactory()))
        page = text(client.get(PAGE))

        assert "Aucune CPTS dans votre ressort pour l’instant" in page
        assert cpts.name not in page

    @pytest.mark.parametrize("page", ["", "territoire/", "contrat/", "echeancier/"])
    def test_a_cpts_of_elsewhere_is_found_nowhere(self, reviewer, other_cpts, page):
        recorded(other_cpts)
        assert reviewer.get(f"/cpts/colline/{page}").status_code == 404

    def test_the_sheets_of_the_scope_open_read_only(self, reviewer, cpts):
        recorded(cpts)
        for page in ("", "territoire/", "echeancier/"):
            assert reviewer.get(f"/cpts/littoral/{page}").status_code == 200
        for page in ("association/modifier/", "territoire/modifier/"):
            assert reviewer.get(f"/cpts/littoral/{page}").status_code == 403


class TestList:
    def test_each_row_says_where_the_cpts_stands(self, reviewer, cpts):
        decide(cpts, epci=[GRANVILLE, VILLEDIEU])
        page = text(reviewer.get(PAGE))

        assert '<th scope="rowgroup" colspan="7">Manifestation d’intérêt</th>' in page
        assert "depuis le 2 janvier 2023" in page
        assert "Manche" in page
        assert "61\u202f429" in page
        assert 'data-label="Taille"><div>2 <span class="row-note">calculée</span>' in page
        assert 'href="/cpts/littoral/">' in page
        assert '<a href="/cpts/littoral/territoire/">59 communes</a>' in page
        assert 'data-label="Échéancier">–' in page

    def test_the_size_is_that_of_the_contract_when_there_is_one(self, reviewer, cpts):
        decide(cpts, communes=["50218"])
        recorded(cpts)
        page = text(reviewer.get(PAGE))

        assert 'data-label="Taille"><div>2 <span class="row-note">au contrat</span>' in page
        assert '<a href="/cpts/littoral/echeancier/">Voir</a>' in page

    def test_a_contract_that_is_over_counts_no_more(self, reviewer, cpts):
        signed_on = date(2021, 3, 2)
        recorded(cpts, replace(EXAMPLE_A, signed_on=signed_on, missions={"acces_soins": signed_on}))

        assert 'data-label="Taille"><div>–' in text(reviewer.get(PAGE))

    @pytest.mark.usefixtures("cpts")
    def test_what_is_unknown_stays_unknown(self, reviewer):
        page = text(reviewer.get(PAGE))

        assert 'data-label="Habitants" class="amount">–' in page
        assert 'data-label="Taille"><div>–' in page
        assert "à définir" in page

    def test_only_the_territory_in_force_counts(self, reviewer, cpts):
        decide(cpts, communes=["50218"], starts_on=date(2025, 1, 1))
        decide(cpts, epci=[GRANVILLE], starts_on=date(2026, 1, 1))
        decide(cpts, epci=[VILLEDIEU], starts_on=date(2026, 6, 1))
        page = text(reviewer.get(PAGE))

        assert names(reviewer.get(PAGE)) == [cpts.name]
        assert "32 communes" in page

    def test_overlaps_are_counted(self, reviewer, cpts, other_cpts):
        decide(cpts, communes=["50218"])
        decide(other_cpts, communes=["50218"])

        assert text(reviewer.get(PAGE)).count("partagé avec 1 CPTS") == 2

    def test_they_come_by_stage_then_by_name(self, reviewer):
        for name, stage in (
            ("Deux", Stage.PHASE_1),
            ("Trois", Stage.JOINING_ACI),
            ("Un", Stage.INTEREST),
            ("Aussi deux", Stage.PHASE_1),
        ):
            CptsFactory(name=name, stage=stage)
        response = reviewer.get(PAGE)

        assert names(response) == ["Un", "Aussi deux", "Deux", "Trois"]
        groups = re.findall(r'<th scope="rowgroup"[^>]*>([^<]*)<', text(response))
        assert groups == ["Manifestation d’intérêt", "Phase 1", "En cours d’adhésion à l’ACI"]

    def test_they_come_by_name_or_by_population(self, reviewer, cpts):
        small, none = CptsFactory(name="CPTS A"), CptsFactory(name="CPTS Z", stage=Stage.PHASE_1)
        decide(cpts, epci=[GRANVILLE])
        decide(small, communes=["50361"])

        assert names(reviewer.get(PAGE, {"tri": "nom"})) == [small.name, none.name, cpts.name]
        assert names(reviewer.get(PAGE, {"tri": "population"})) == [cpts.name, small.name, none.name]
        page = text(reviewer.get(PAGE, {"tri": "nom"}))
        assert "rowgroup" not in page
        assert '<div>Phase 1 <span class="row-note">depuis le 2 janvier 2023</span>' in page

    def test_the_plot_counts_each_stage(self, reviewer):
        CptsFactory.create_batch(3, stage=Stage.PHASE_1)
        CptsFactory(stage=Stage.INTEREST)
        page = text(reviewer.get(PAGE))

        figures = re.findall(r'scope="row">(?:<a [^>]*>)?([^<]+)<.*?<td class="amount">(\d+)</td>', page)
        assert [int(count) for _label, count in figures] == [1, 0, 0, 3, 0, 0, 0]
        assert [label for label, _count in figures] == [stage.label for stage in Stage]
        assert f'href="{PAGE}?etape=phase_1">Phase 1</a>' in page

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_for_one_and_for_three(self, reviewer, django_assert_num_queries, count):
        for _ in range(count):
            cpts = CptsFactory()
            decide(cpts, epci=[GRANVILLE])
            recorded(cpts)
        query = {"recherche": "granv", "departement": "50"}
        reviewer.get(PAGE, query)  # the names of communes are read once

        with django_assert_num_queries(9):
            assert len(names(reviewer.get(PAGE))) == count
        with django_assert_num_queries(12):
            assert len(names(reviewer.get(PAGE, query))) == count
        with django_assert_num_queries(12):
            assert len(exported(reviewer.get(XLSX, query))) == count

    def test_long_lists_come_page_by_page_and_weigh_little(self, reviewer):
        for number in range(35):
            decide(CptsFactory(name=f"Communauté professionnelle d’essai {number:02}"), communes=["50218"])
        first = reviewer.get(PAGE, {"tri": "nom"})

        assert len(first.content) < 40_000
        assert len(names(first)) == 15
        assert "?tri=nom&amp;page=2" in text(first)
        assert names(reviewer.get(PAGE, {"tri": "nom", "page": "3"})) == [
            f"Communauté professionnelle d’essai {number}" for number in range(30, 35)
        ]
        assert len(names(reviewer.get(PAGE, {"page": "x"}))) == 15


class TestFilters:
    @pytest.fixture(autouse=True)
    def scope(self, other_cpts):
        granville_cpts = CptsFactory(name="CPTS du Pays granvillais", stage=Stage.PHASE_1)
        decide(granville_cpts, epci=[GRANVILLE])
        decide(CptsFactory(name="CPTS de l’Été d’Œuvre"), epci=[VILLEDIEU])
        decide(other_cpts, communes=["50218"], epci=[FOUGERES])

    @pytest.mark.parametrize(
        ("search", "expected"),
        [
            ("granvillais", ["CPTS du Pays granvillais"]),
            ("OEUVRE ete", ["CPTS de l’Été d’Œuvre"]),
            ("granville", ["CPTS de la Colline d’essai", "CPTS du Pays granvillais"]),
            ("Villedieu-les-Poêles", ["CPTS de l’Été d’Œuvre"]),
            ("fougères", ["CPTS de la Colline d’essai"]),
            ("pays mouche", []),
            ("zzz", []),
            ("'; --", []),
        ],
    )
    def test_a_search_finds_names_and_communes(self, reviewer, search, expected):
        query = {"recherche": search, "tri": "nom"}
        assert sorted(names(reviewer.get(PAGE, query))) == expected
        assert sorted(row[0] for row in exported(reviewer.get(XLSX, query))) == expected

    def test_a_commune_that_was_left_is_not_found(self, reviewer):
        decide(Cpts.objects.get(name="CPTS du Pays granvillais"), communes=["50361"])
        assert names(reviewer.get(PAGE, {"recherche": "granville"})) == ["CPTS de la Colline d’essai"]

    def test_filters_narrow_and_show_as_chips(self, reviewer):
        query = {"recherche": "granv", "etape": "phase_1", "departement": "50"}
        response = reviewer.get(PAGE, query)
        page = text(response).replace("&amp;", "&")

        assert names(response) == ["CPTS du Pays granvillais"]
        assert 'class="chip" href="/instruction/?etape=phase_1&departement=50"' in page
        assert 'class="chip" href="/instruction/?recherche=granv&departement=50"' in page
        assert 'class="chip" href="/instruction/?recherche=granv&etape=phase_1"' in page
        assert f'href="{XLSX}?recherche=granv&etape=phase_1&departement=50"' in page
        assert [row[0] for row in exported(reviewer.get(XLSX, query))] == ["CPTS du Pays granvillais"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, {"Manifestation d’intérêt": 2, "Phase 1": 1}),
            ({"departement": "35"}, {"Manifestation d’intérêt": 1}),
            ({"recherche": "granv"}, {"Manifestation d’intérêt": 1, "Phase 1": 1}),
            ({"recherche": "granv", "departement": "50"}, {"Phase 1": 1}),
            ({"recherche": "zzz"}, {}),
        ],
    )
    def test_the_stages_count_what_is_found(self, reviewer, query, expected):
        for narrowed in (query, query | {"etape": "phase_1"}):
            response = reviewer.get(PAGE, narrowed)
            counts = {each.stage.label: each.count for each, _query in response.context["stages"]}

            assert {label: count for label, count in counts.items() if count} == expected
            assert response.context["page"].paginator.count == len(names(response))

    def test_an_arrondissement_is_found_where_it_is_held_alone_not_with_its_city(self, reviewer, cpts):
        decide(cpts, communes=["50218", "75110"])
        decide(CptsFactory(name="Toute la ville"), communes=["50218", "75056"])

        def found(search):
            return names(reviewer.get(PAGE, {"recherche": search, "tri": "nom"}))

        assert found("paris 10") == [cpts.name]
        assert found("paris 11") == []
        assert found("paris") == [cpts.name, "Toute la ville"]

    def test_a_search_finds_names_where_no_geographic_code_is_loaded(self, reviewer, monkeypatch):
        monkeypatch.setattr(Vintage.objects, "current", lambda: None)

        assert names(reviewer.get(PAGE, {"recherche": "granv"})) == ["CPTS du Pays granvillais"]

    def test_the_departements_are_those_of_the_scope(self, reviewer):
        page = text(reviewer.get(PAGE))

        assert '<option value="35">Ille-et-Vilaine</option>' in page
        assert '<option value="29">' not in page
        assert names(reviewer.get(PAGE, {"departement": "35"})) == ["CPTS de la Colline d’essai"]

    def test_nothing_found_says_what_to_do(self, reviewer):
        page = text(reviewer.get(PAGE, {"recherche": "zzz"}))

        assert "Aucune CPTS ne correspond" in page
        assert f'href="{PAGE}">Voir toutes les CPTS du ressort</a>' in page

    @pytest.mark.parametrize(
        "query", [{"etape": "x"}, {"departement": "75"}, {"tri": "x"}, {"recherche": "a" * 101}]
    )
    def test_a_filter_that_means_nothing_is_told(self, reviewer, query):
        response = reviewer.get(PAGE, query)

        assert response.status_code == 400
        assert "Une erreur est à corriger" in text(response)
        assert len(names(response)) == 3

    def test_a_nul_character_is_told(self, reviewer):
        assert reviewer.get(PAGE, {"recherche": "a\x00b"}).status_code == 400


class TestExport:
    def test_it_holds_every_page_with_real_dates_and_numbers(self, reviewer, cpts, other_cpts):
        decide(cpts, epci=[GRANVILLE])
        recorded(cpts)
        decide(other_cpts, communes=["50218"])
        CptsFactory.create_batch(30)
        rows = exported(reviewer.get(XLSX))

        assert len(rows) == 32
        row = next(row for row in rows if row[0] == cpts.name)
        assert row[1] == Cpts.objects.get(pk=cpts.pk).get_stage_display()
        assert row[2].date() == Cpts.objects.get(pk=cpts.pk).stage_since
        assert row[4:7] == ("50", "Manche", 45_650)
        assert row[8:12] == (EXAMPLE_A.size, "au contrat", 32, 1)
        assert row[12].date() == EXAMPLE_A.signed_on

    @pytest.mark.usefixtures("cpts")
    def test_it_says_what_it_was_narrowed_to(self, reviewer):
        response = reviewer.get(XLSX, {"etape": "interest", "recherche": "littoral"})
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active

        notes = [row[0] for row in sheet.iter_rows(values_only=True)]
        assert notes[-1] == (
            "Au 2 mars 2026. Filtres\u00a0: «\u00a0littoral\u00a0», Manifestation d’intérêt."
        )
        assert 'filename="cpts-2026-03-02.xlsx"' in response["Content-Disposition"]


class TestRefusals:
    @pytest.mark.parametrize("url", [PAGE, XLSX])
    def test_anonymous_visitors_sign_in_first(self, client, url):
        response = client.get(url)
        assert (response.status_code, response["Location"]) == (302, f"/compte/connexion/?next={url}")

    @pytest.mark.parametrize("url", [PAGE, XLSX])
    @pytest.mark.parametrize(
        "role",
        [Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER, Role.ADMINISTRATOR],
    )
    def test_others_are_refused_with_the_reason(self, sign_in, url, role):
        response = sign_in(role).get(url)
        assert response.status_code == 403
        assert "réservée aux instructeurs de l’ARS, de la CPAM et de la MSA" in text(response)

    @pytest.mark.parametrize("url", [PAGE, XLSX])
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_wrong_methods_are_refused(self, reviewer, url, method):
        assert getattr(reviewer, method)(url).status_code == 405
