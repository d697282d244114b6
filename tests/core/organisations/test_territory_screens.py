"""The screens of a CPTS's territory."""

import io
import re
from datetime import date

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.models import TerritoryCommune, TerritoryVersion
from core.territories.domain.contours import load_contours
from core.territories.domain.geographic_code import load_geographic_code
from tests.core.territories.test_map import GEOJSON
from tests.factories.decisions import NOW, decide
from tests.factories.people import CptsFactory, assign, client_of
from tests.factories.territories import GRANVILLE, VILLEDIEU, sample_code

pytestmark = pytest.mark.usefixtures("granville", "cpts")
PAGE = "/cpts/littoral/territoire/"
EDIT = f"{PAGE}modifier/"
JUNE = date(2026, 6, 1)
READERS = [
    *(Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER),
    *(Role.REVIEWER, Role.ADMINISTRATOR),
]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def text(response):
    return re.sub(r"[ \n]+", " ", response.content.decode())


def counts():
    return [model.objects.count() for model in (TerritoryVersion, TerritoryCommune, AuditEntry)]


def values():
    return list(TerritoryVersion.objects.order_by("pk").values()), counts()


class TestSheet:
    @pytest.mark.parametrize("role", READERS)
    def test_whoever_sees_the_cpts_reads_its_territory(self, cpts, sign_in, role):
        decide(cpts, epci=[GRANVILLE])
        page = text(sign_in(role).get(PAGE))

        assert "45\u202f650" in page
        assert "INSEE, populations municipales 2023 (code officiel géographique 2026)" in page
        assert "CC de Granville, Terre et Mer" in page
        assert "32 communes, 45\u202f650 habitants" in page
        assert "À partir du 1er janvier 2026, jusqu’à nouvelle décision" in page
        assert ("Modifier le territoire" in page) == (role == Role.COORDINATOR)

    @pytest.mark.parametrize("role", READERS)
    def test_without_territory_it_says_how_to_begin(self, sign_in, role):
        page = text(sign_in(role).get(PAGE))

        assert "Le territoire n’est pas encore enregistré" in page
        assert (EDIT in page) == (role == Role.COORDINATOR)

    def test_past_and_coming_territories_are_listed_and_open(self, cpts, coordinator):
        past = decide(cpts, communes=["50218"], starts_on=date(2025, 1, 1))
        decide(cpts, epci=[GRANVILLE])
        coming = decide(cpts, epci=[GRANVILLE, VILLEDIEU], starts_on=JUNE)
        page = text(coordinator.get(PAGE))

        assert "Un autre territoire est déjà décidé" in page
        assert "Du 1er janvier 2025 au 31 décembre 2025" in page
        for version, population in ((past, "12\u202f510"), (coming, "61\u202f429")):
            url = f"{PAGE}{version.pk}/"
            assert url in page
            shown = text(coordinator.get(url))
            assert population in shown
            assert "2 mars 2026" in shown

    def test_before_its_first_day_a_territory_is_announced(self, cpts, coordinator):
        decide(cpts, communes=["50218"], starts_on=JUNE)
        page = text(coordinator.get(PAGE))

        assert "Aucun territoire n’est en vigueur aujourd’hui" in page
        assert "À partir du 1er juin 2026" in page
        assert EDIT in page

    def test_long_lists_come_page_by_page(self, cpts, coordinator):
        decide(cpts, epci=[GRANVILLE, VILLEDIEU])
        first, second = coordinator.get(PAGE), coordinator.get(PAGE, {"page": "2"})

        assert text(first).count('data-label="Commune"') == 50
        assert text(second).count('data-label="Commune"') == 9
        assert "27 communes" in text(second)
        assert text(coordinator.get(PAGE, {"page": "x"})).count('data-label="Commune"') == 50

    def test_a_later_vintage_changes_nothing_of_what_is_shown(self, cpts, coordinator, geographic_code_file):
        version = decide(cpts, epci=[GRANVILLE])
        urls = [PAGE, f"{PAGE}{version.pk}/", f"{PAGE}{version.pk}/communes.csv"]
        before = [re.sub("csrf.*?>|X-CSRF.*?>", "", text(coordinator.get(url))) for url in urls]
        data = sample_code()
        communes = [[*row[:2], 1, *row[3:]] for row in data["communes"] if row[0] != "50008"]
        load_geographic_code(geographic_code_file(vintage=2027, communes=communes))

        assert [re.sub("csrf.*?>|X-CSRF.*?>", "", text(coordinator.get(url))) for url in urls] == before

    def test_communes_without_figure_are_named(self, cpts, coordinator):
        decide(cpts, communes=["50218", "98412"])
        assert "Elles ne sont pas comptées dans le total" in text(coordinator.get(PAGE))

    @pytest.mark.parametrize("others", [1, 3])
    def test_it_costs_the_same_whatever_it_shows(self, cpts, coordinator, django_assert_num_queries, others):
        decide(cpts, epci=[GRANVILLE], starts_on=date(2024, 1, 1))
        for number in range(others):
            decide(CptsFactory(), epci=[GRANVILLE])
            codes = ["50218", "50361"][: 1 + number % 2]
            decide(cpts, communes=codes, epci=[VILLEDIEU], starts_on=date(2025, 1 + number, 1))

        with django_assert_num_queries(12):
            response = coordinator.get(PAGE)
        assert len(response.content) < 40_000


class TestOverlaps:
    @pytest.mark.parametrize("role", READERS)
    def test_each_side_and_its_reviewers_read_names_and_people(self, cpts, sign_in, role):
        other = CptsFactory(name="CPTS du Bocage d’essai", slug="bocage", rna="W503000001")
        decide(cpts, communes=["50218", "50647"])
        decide(other, communes=["50218", "50361"])
        page = text(sign_in(role).get(PAGE))

        assert "<strong>CPTS du Bocage d’essai</strong>" in page
        assert "1 commune, 12\u202f510 habitants" in page
        # Nothing else of the other one.
        assert "La Mouche" not in page
        assert "W503000001" not in page
        assert "bocage" not in page
        page = text(client_of(assign(role, other)).get("/cpts/bocage/territoire/"))
        assert "<strong>CPTS du Littoral d’essai</strong>" in page

    def test_a_coming_overlap_has_its_day(self, cpts, coordinator, other_cpts):
        decide(cpts, communes=["50218"])
        decide(other_cpts, communes=["50218"], starts_on=JUNE)

        assert "</strong>, à partir du 1er juin 2026" in text(coordinator.get(PAGE))


class TestDownloads:
    def test_the_workbook_holds_what_was_decided(self, cpts, coordinator):
        version = decide(cpts, communes=["50218", "50361"])
        response = coordinator.get(f"{PAGE}{version.pk}/communes.xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active

        assert 'filename="territoire-littoral-2026-01-01.xlsx"' in response["Content-Disposition"]
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0][0] == "Code INSEE"
        assert [(row[0], row[1], row[6]) for row in rows[1:3]] == [
            ("50218", "Granville", 12_510),
            ("50361", "La Mouche", 249),
        ]
        assert "À partir du 1er janvier 2026, jusqu’à nouvelle décision." in [row[0] for row in rows]

    def test_the_csv_holds_the_same(self, cpts, coordinator):
        version = decide(cpts, communes=["50218"])
        content = coordinator.get(f"{PAGE}{version.pk}/communes.csv").content.decode("utf-8-sig")

        assert content.splitlines()[1] == (
            "50218;Granville;50;Manche;200042604;CC de Granville, Terre et Mer;12510"
        )


class TestMap:
    @pytest.fixture
    def contours(self, granville, tmp_path):
        path = tmp_path / "contours.geojson"
        path.write_text(GEOJSON)
        load_contours(path, granville)

    @pytest.mark.usefixtures("contours")
    def test_the_page_fetches_the_map_of_what_was_decided(self, cpts, coordinator):
        version = decide(cpts, communes=["50218", "50647"])
        url = f"{PAGE}{version.pk}/carte/"

        assert f'hx-get="{url}"' in text(coordinator.get(PAGE))
        assert "<title>Granville, 12\u202f510 habitants</title>" in text(coordinator.get(url))
        fragment = text(coordinator.get(url, headers={"HX-Request": "true"}))
        assert "<svg" in fragment
        assert "<html" not in fragment

    @pytest.mark.usefixtures("contours")
    def test_communes_shared_today_are_hatched(self, cpts, coordinator, other_cpts):
        past = decide(cpts, communes=["50218"], starts_on=date(2025, 1, 1))
        version = decide(cpts, communes=["50218", "50647"])
        decide(other_cpts, communes=["50647"], starts_on=date(2025, 1, 1))

        page = text(coordinator.get(f"{PAGE}{version.pk}/carte/"))
        assert page.count('class="map-shared"') == 1
        assert "map-shared" not in text(coordinator.get(f"{PAGE}{past.pk}/carte/"))

    @pytest.mark.usefixtures("contours")
    def test_a_map_drawn_with_a_later_code_says_so(self, cpts, coordinator, geographic_code_file, tmp_path):
        decide(cpts, communes=["50218"])
        assert "est restée celle du code 2026" not in text(coordinator.get(PAGE))
        later = load_geographic_code(geographic_code_file(vintage=2027)).vintage
        load_contours(tmp_path / "contours.geojson", later)

        page = text(coordinator.get(PAGE))
        assert "contours du code officiel géographique 2027" in page
        assert "La liste est restée celle du code 2026" in page

    def test_without_outlines_the_page_offers_none(self, cpts, coordinator):
        version = decide(cpts, communes=["50218"])

        assert "carte/" not in text(coordinator.get(PAGE))
        assert "Pas de carte pour ce territoire" in text(coordinator.get(f"{PAGE}{version.pk}/carte/"))


class TestEdit:
    def test_it_begins_with_the_territory_that_stands(self, cpts, coordinator):
        version = decide(cpts, epci=[GRANVILLE])
        page = text(coordinator.get(EDIT))

        assert f'name="epci" value="{GRANVILLE}"' in page
        assert f'name="depuis" value="{version.pk}"' in page
        assert 'name="effet" value="2026-03-02"' in page
        assert "Vérifier avant d’enregistrer" in page

    def test_it_begins_empty_without_any(self, coordinator):
        page = text(coordinator.get(EDIT))

        assert "Aucune commune choisie pour l’instant." in page
        assert 'name="depuis" value="0"' in page

    def test_after_a_coming_one_its_day_is_proposed(self, cpts, coordinator):
        decide(cpts, epci=[GRANVILLE], starts_on=JUNE)
        assert 'name="effet" value="2026-06-01"' in text(coordinator.get(EDIT))

    def test_choosing_keeps_what_was_typed(self, cpts, coordinator):
        decide(cpts, epci=[GRANVILLE])
        sent = {"depuis": "7", "effet": "31/02/2026", "communes": "50218", "ajouter": "commune:50361"}
        page = text(coordinator.get(EDIT, sent))

        assert 'name="communes" value="50218,50361"' in page
        assert 'name="effet" value="31/02/2026"' in page
        assert 'name="depuis" value="7"' in page

    def test_an_emptied_territory_stays_empty(self, cpts, coordinator):
        version = decide(cpts, communes=["50218"])
        sent = {"depuis": version.pk, "communes": "50218", "retirer": "commune:50218", "effet": ""}
        assert "Aucune commune choisie pour l’instant." in text(coordinator.get(EDIT, sent))

    def test_the_import_comes_back_with_the_day(self, coordinator):
        sent = {"retour": EDIT, "depuis": "0", "effet": "2026-06-01", "communes": "50218"}
        page = text(coordinator.get(reverse("territories:import"), sent)).replace("&amp;", "&")

        assert f'href="{EDIT}?depuis=0&effet=2026-06-01&communes=50218"' in page

    def test_communes_that_a_later_code_lost_are_told(self, cpts, coordinator, geographic_code_file):
        decide(cpts, communes=["50008", "50218"])
        communes = [row for row in sample_code()["communes"] if row[0] != "50008"]
        load_geographic_code(geographic_code_file(vintage=2027, communes=communes))
        response = coordinator.get(EDIT)

        assert response.status_code == 200
        assert "Aucune commune n’a le code" in text(response)
        assert 'name="communes" value="50218"' in text(response)


class TestConfirm:
    def test_it_says_what_changes_before_writing(self, cpts, coordinator, other_cpts):
        version = decide(cpts, communes=["50218", "50361"])
        decide(other_cpts, communes=["50647"])
        before = values()
        sent = {"depuis": version.pk, "effet": "2026-06-01", "communes": "50218,50647", "verifier": "1"}
        page = text(coordinator.get(EDIT, sent))

        assert "1 commune ajoutée" in page
        assert 'Yquelon <span class="territory-count">(1\u202f240)</span>' in page
        assert "1 commune retirée" in page
        assert "La Mouche" in page
        assert "13\u202f750" in page
        assert "12\u202f759 auparavant" in page
        assert "1er juin 2026" in page
        assert "CPTS de la Colline d’essai" in page
        assert f'name="depuis" value="{version.pk}"' in page
        assert 'name="effet" value="2026-06-01"' in page
        back = f'href="{EDIT}?depuis={version.pk}&effet=2026-06-01&communes=50218,50647"'
        assert back in page.replace("&amp;", "&")
        assert values() == before

    def test_the_same_territory_has_nothing_to_record(self, cpts, coordinator):
        version = decide(cpts, communes=["50218"])
        sent = {"depuis": version.pk, "effet": "2026-06-01", "communes": "50218", "verifier": "1"}
        page = text(coordinator.get(EDIT, sent))

        assert "Ce territoire est déjà celui de la CPTS" in page
        assert "Enregistrer ce territoire" not in page

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"communes": ""}, "Choisissez au moins une commune."),
            ({"communes": "99999"}, "Aucune commune n’a le code"),
            ({"effet": ""}, "Donnez le jour où ce territoire commence."),
            ({"effet": "31/02/2026"}, "Saisissez une date valide."),
            ({"effet": "demain"}, "Saisissez une date valide."),
            ({"effet": "1900-01-01"}, "Les CPTS existent depuis le 26 janvier 2016"),
            ({"effet": "2099-01-01"}, "deux ans à l’avance au plus"),
            ({"effet": "2025-12-31"}, "déjà décidé à partir du 1er janvier 2026"),
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_refusal_says_why_keeps_all_and_writes_nothing(self, cpts, coordinator, method, changes, said):
        version = decide(cpts, communes=["50361"])
        before = values()
        sent = {
            "depuis": version.pk, "effet": "2026-06-01", "communes": "50218", "verifier": "1"
        } | changes  # fmt: skip
        response = getattr(coordinator, method)(EDIT, sent)

        assert response.status_code == 400
        page = text(response)
        assert said in page
        assert f'name="effet" value="{sent["effet"]}"' in page or not sent["effet"]
        if sent["communes"] == "50218":
            assert 'name="communes" value="50218"' in page
        assert values() == before


class TestDecide:
    def test_it_is_recorded_and_shown(self, cpts, coordinator):
        former = decide(cpts, communes=["50218"])
        sent = {"depuis": former.pk, "effet": "02/03/2026", "epci": GRANVILLE, "communes": ""}
        response = coordinator.post(EDIT, sent, follow=True)

        assert response.redirect_chain == [(PAGE, 302)]
        assert "Territoire enregistré, en vigueur à partir du 2 mars 2026." in text(response)
        version = TerritoryVersion.objects.get(cpts=cpts, ends_on=None)
        former.refresh_from_db()
        assert (version.starts_on, version.commune_count, version.population) == (
            date(2026, 3, 2),
            32,
            45_650,
        )
        assert former.ends_on == date(2026, 3, 2)
        entry = AuditEntry.objects.get(target_id=str(version.pk), action="organisations.territory_decided")
        assert entry.actor_role == Role.COORDINATOR
        assert entry.at == NOW

    def test_sent_twice_it_is_recorded_once(self, coordinator):
        sent = {"depuis": "0", "effet": "2026-03-02", "communes": "50218"}
        coordinator.post(EDIT, sent)
        before = values()

        assert coordinator.post(EDIT, sent).status_code == 302
        assert values() == before

    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize("seen", ["0", "", "x", "-1", "99999999999999999999"])
    def test_what_somebody_else_decided_meanwhile_is_not_lost(self, cpts, coordinator, method, seen):
        ahead = decide(cpts, communes=["50361"])
        before = values()
        sent = {"depuis": seen, "effet": "2026-06-01", "communes": "50218", "verifier": "1"}
        response = getattr(coordinator, method)(EDIT, sent)

        assert response.status_code == 409
        page = text(response)
        assert "Le territoire a changé pendant que vous composiez le vôtre" in page
        assert "La Mouche" in page
        assert 'name="communes" value="50218"' in page
        assert 'name="effet" value="2026-06-01"' in page
        assert f'name="depuis" value="{ahead.pk}"' in page
        assert values() == before

    def test_the_territory_of_the_body_is_that_of_the_address_s_cpts(self, cpts, other_cpts, coordinator):
        theirs = decide(other_cpts, communes=["50361"])
        coordinator.post(
            EDIT, {"depuis": "0", "effet": "2026-03-02", "communes": "50218", "cpts": other_cpts.pk}
        )

        assert list(other_cpts.territories.all()) == [theirs]
        assert cpts.territories.get().communes.get().code == "50218"


class TestRefusals:
    @pytest.fixture
    def urls(self, cpts, granville):
        assert granville.year == 2026
        version = decide(cpts, communes=["50218"])
        own = f"{PAGE}{version.pk}/"
        return [PAGE, EDIT, own, f"{own}carte/", f"{own}communes.xlsx", f"{own}communes.csv"]

    def test_anonymous_visitors_sign_in_first(self, client, urls):
        before = values()
        for url in urls:
            response = client.get(url)
            assert (response.status_code, response["Location"].split("?")[0]) == (302, "/compte/connexion/")
        assert client.post(EDIT, {"communes": "50361"}).status_code == 302
        assert values() == before

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER])
    def test_people_of_another_cpts_find_nothing(self, urls, sign_in, other_cpts, role):
        before = values()
        client = sign_in(role, other_cpts)

        assert {client.get(url).status_code for url in urls} == {404}
        assert client.post(EDIT, {"communes": "50361"}).status_code == 404
        assert values() == before

    def test_a_reviewer_of_elsewhere_finds_nothing(self, urls, other_cpts):
        decide(other_cpts, communes=["29155"])
        reviewer = client_of(assign(Role.REVIEWER))

        for page in ("", "territoire/", "territoire/modifier/"):
            assert reviewer.get(f"/cpts/colline/{page}").status_code == 404
        assert reviewer.get(urls[0]).status_code == 200

    @pytest.mark.usefixtures("urls")
    @pytest.mark.parametrize("role", [role for role in READERS if role != Role.COORDINATOR])
    def test_readers_do_not_decide(self, sign_in, role):
        before = values()
        client = sign_in(role)
        for response in (
            client.get(EDIT),
            client.post(EDIT, {"depuis": "0", "communes": "50361", "effet": "2026-06-01"}),
        ):
            assert response.status_code == 403
            assert "Le territoire est tenu par la coordination" in text(response)
        assert values() == before

    @pytest.mark.parametrize("page", ["", "carte/", "communes.xlsx", "communes.csv"])
    def test_the_territory_of_another_cpts_is_not_found(self, coordinator, other_cpts, page):
        theirs = decide(other_cpts, communes=["50361"])

        for number in (theirs.pk, 0, 99_999, 2**70):
            assert coordinator.get(f"{PAGE}{number}/{page}").status_code == 404

    def test_wrong_methods_are_refused(self, urls, coordinator):
        before = values()
        for url in urls:
            assert coordinator.delete(url).status_code == 405
            assert coordinator.put(url).status_code == 405
            if url != EDIT:
                assert coordinator.post(url).status_code == 405
        assert values() == before

    @pytest.mark.usefixtures("urls")
    def test_another_site_cannot_decide(self, cpts):
        assignment = assign(Role.COORDINATOR, cpts)
        client = client_of(assignment)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        before = values()

        sent = {"depuis": cpts.territories.get().pk, "communes": "50361", "effet": "2026-06-01"}
        assert strict.post(EDIT, sent).status_code == 403
        assert values() == before

    def test_an_unknown_cpts_is_not_found(self, coordinator):
        assert coordinator.get("/cpts/nulle-part/territoire/").status_code == 404
