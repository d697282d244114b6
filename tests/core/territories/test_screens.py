"""The screens of the territories app."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.territories.domain.contours import load_contours
from core.territories.models import Commune, CommuneContour, Vintage
from tests.core.territories.test_map import GEOJSON
from tests.factories.territories import CINOR, GRAND_PARIS, GRANVILLE, VILLEDIEU

pytestmark = pytest.mark.usefixtures("granville")
PAGE, SEARCH, MAP = (
    reverse("territories:territory"),
    reverse("territories:search"),
    reverse("territories:map"),
)
IMPORT, USE = reverse("territories:import"), reverse("territories:use_communes")
XLSX, CSV = reverse("territories:list_xlsx"), reverse("territories:list_csv")


def text(response: Any) -> str:
    return response.content.decode()


def upload(client: Client, content: bytes | str, **fields: str) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"fichier": SimpleUploadedFile("communes.csv", raw), **fields})


def row_counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Vintage, Commune, CommuneContour)}


class TestTerritory:
    def test_the_page_sums_lists_and_offers_downloads(self, client):
        response = client.get(PAGE, {"epci": f"{GRANVILLE},{VILLEDIEU}"})
        assert response.status_code == 200
        page = text(response)
        assert "61\u202f429 habitants" in page
        assert "Source&nbsp;: INSEE, populations municipales 2023 (code officiel géographique 2026)." in page
        assert f'value="{GRANVILLE},{VILLEDIEU}"' in page
        assert f"{XLSX}?epci={GRANVILLE},{VILLEDIEU}" in page.replace("&amp;", "&")
        assert page.count('class="proportion"') == 2
        assert 'name="ouvrir" value="200042604"' in page
        assert len(response.content) < 40_000

    def test_an_empty_territory_invites_to_search(self, client):
        assert "Aucune commune choisie pour l’instant." in text(client.get(PAGE))

    def test_bad_codes_are_explained_and_the_rest_kept(self, client):
        response = client.get(PAGE, {"communes": "99999,50218"})
        assert response.status_code == 400
        assert "Aucune commune n’a le code «\u00a099999\u00a0»" in text(response)
        assert 'name="communes" value="50218"' in text(response)

    def test_codes_with_a_nul_are_read_without_it(self, client):
        response = client.get(PAGE, {"communes": "50218\x00,\x0099999", "epci": "\x00"})
        assert response.status_code == 400
        assert "Aucune commune n’a le code «\u00a099999\u00a0»" in text(response)
        assert 'name="communes" value="50218"' in text(response)

    def test_a_page_of_wrong_codes_stays_light(self, client):
        response = client.get(PAGE, {"communes": ",".join(f"X{number:04d}" for number in range(1400))})
        assert response.status_code == 400
        assert len(response.content) < 40_000

    def test_a_large_territory_is_listed_by_pages(self, client):
        response = client.get(PAGE, {"epci": GRAND_PARIS, "page": "2"})
        assert "Page 2 sur 3" in text(response)
        assert text(response).count('data-label="Code"') == 50
        assert len(response.content) < 40_000

    def test_the_kerguelen_have_no_figure(self, client):
        page = text(client.get(PAGE, {"communes": "98412"}))
        assert "sans chiffre de population" in page
        assert "Elles ne sont pas comptées dans le total&nbsp;: Archipel des Kerguelen." in page

    @pytest.mark.parametrize(
        "query",
        [{"communes": "50218"}, {"epci": CINOR}, {"epci": f"{GRANVILLE},{VILLEDIEU}", "communes": "50502"}],
    )
    def test_queries_do_not_grow(self, client, django_assert_num_queries, query):
        with django_assert_num_queries(3):
            client.get(PAGE, query)


class TestSearch:
    def test_results_are_buttons_of_the_form(self, client):
        page = text(client.get(SEARCH, {"recherche": "granville"}))
        assert f'<button type="submit" name="ajouter" value="epci:{GRANVILLE}" formnovalidate>' in page
        assert '<button type="submit" name="ajouter" value="commune:50218" formnovalidate>' in page
        assert "<html" not in page

    def test_nothing_found_and_too_short_say_so(self, client):
        assert "Rien ne correspond à «&nbsp;zzzz&nbsp;»" in text(client.get(SEARCH, {"recherche": "zzzz"}))
        assert "Tapez au moins trois lettres" in text(client.get(SEARCH, {"recherche": "gr"}))

    def test_an_emptied_field_empties_what_was_said(self, client):
        said = '<span id="territoire-etat" hx-swap-oob="innerHTML"></span>'
        assert text(client.get(SEARCH)).strip() == said

    def test_the_count_is_said_apart_from_the_list(self, client):
        page = text(client.get(SEARCH, {"recherche": "granville"}))
        assert re.search(
            r'<span id="territoire-etat" hx-swap-oob="innerHTML">\d+&nbsp;résultats?</span>', page
        )

    def test_what_was_typed_is_escaped(self, client):
        assert "<script>" not in text(client.get(SEARCH, {"recherche": "<script>abc"}))

    @pytest.mark.parametrize("query", ["paris 12", "saint", "granville"])
    def test_queries_do_not_grow(self, client, django_assert_num_queries, query):
        with django_assert_num_queries(3):
            client.get(SEARCH, {"recherche": query})


class TestDownloads:
    def test_the_workbook_has_every_commune_and_the_total(self, client):
        response = client.get(XLSX, {"epci": GRANVILLE})
        assert response["Content-Disposition"] == 'attachment; filename="territoire-communes.xlsx"'
        rows = list(openpyxl.load_workbook(io.BytesIO(response.content), data_only=True).active.values)
        assert rows[0][0] == "Code INSEE"
        assert len(rows) == 1 + 32 + 1 + 1 + 1
        assert rows[33] == ("Total", None, None, None, None, None, 45_650)
        granville = next(row for row in rows if row[0] == "50218")
        assert granville[1:] == (
            "Granville",
            "50",
            "Manche",
            GRANVILLE,
            "CC de Granville, Terre et Mer",
            12_510,
        )

    def test_the_csv_comes_back_through_the_import(self, client):
        response = client.get(CSV, {"epci": f"{GRANVILLE}", "communes": "75101,29155"})
        back = upload(client, response.content)
        assert back.context["report"].refused == ()
        assert len(back.context["report"].commune_codes) == 34

    def test_the_workbook_comes_back_through_the_import(self, client):
        back = upload(client, client.get(XLSX, {"epci": GRANVILLE}).content)
        assert (back.context["report"].refused, len(back.context["report"].commune_codes)) == ((), 32)

    @pytest.mark.parametrize("url", [XLSX, CSV, MAP])
    def test_bad_or_empty_territories_are_refused(self, client, url):
        assert "Choisissez au moins une commune." in text(client.get(url))
        response = client.get(url, {"communes": "99999"})
        assert response.status_code == 400
        assert "Aucune commune n’a le code" in text(response)


class TestMap:
    def test_the_page_fetches_the_map_after_itself(self, client, granville, tmp_path):
        assert MAP not in text(client.get(PAGE, {"communes": "50218"}))
        (tmp_path / "x").write_text(GEOJSON)
        load_contours(tmp_path / "x", granville)
        assert f'hx-get="{MAP}?communes=50218"' in text(client.get(PAGE, {"communes": "50218"}))
        fragment = text(client.get(MAP, {"communes": "50218"}, headers={"HX-Request": "true"}))
        assert "<html" not in fragment
        assert (
            '<g class="map-commune" tabindex="0" role="img"><title>Granville, 12\u202f510 habitants</title>'
            in fragment
        )
        assert "Territoire</a>" in text(client.get(MAP, {"communes": "50218"}))

    def test_without_contours_the_page_says_so(self, client):
        assert "Pas de carte pour ce territoire" in text(client.get(MAP, {"communes": "50218"}))


class TestImport:
    def test_the_page_keeps_the_fields_of_the_form_one_comes_from(self, client):
        page = text(
            client.get(f"{IMPORT}?retour=/simulateur/&epci={GRANVILLE}&missions=a&missions=b&recherche=x")
        )
        assert 'name="suite" value="missions=a&amp;missions=b"' in page
        assert f'name="epci" value="{GRANVILLE}"' in page
        assert f'href="/simulateur/?missions=a&amp;missions=b&amp;epci={GRANVILLE}"' in page

    def test_htmx_is_sent_to_the_whole_page(self, client):
        response = client.get(f"{IMPORT}?retour=/simulateur/", headers={"HX-Request": "true"})
        assert response["HX-Redirect"] == f"{IMPORT}?retour=/simulateur/"

    def test_each_line_is_reported_and_nothing_is_written(self, client):
        before = row_counts()
        response = upload(client, "Commune\nGranville\nSaint-Denis\nGranvile\nZzzz\n", epci=VILLEDIEU)
        assert response.status_code == 200
        page = text(response)
        assert "3 lignes ne sont pas comprises" in page
        assert "Ligne 3&nbsp;: Saint-Denis" in page
        assert (
            '<input class="form-check-input" type="radio" name="choix-3" id="choix-3-97411" value="97411">'
            in page
        )
        assert "Aucune commune approchante" in page
        assert f'name="epci" value="{VILLEDIEU}"' in page
        assert 'name="communes" value="50218"' in page
        assert row_counts() == before

    def test_a_file_of_another_kind_of_list_stays_usable(self, client):
        page = text(upload(client, "Commune\nGranville\n" + "".join(f"Zzzz{n}\n" for n in range(4_000))))
        assert page.count("<fieldset") == 200
        assert "Les 3\u202f800 suivantes sont laissées de côté." in page
        assert "<li>Ligne 4\u202f002&nbsp;: Zzzz3999. Aucune commune ne porte ce nom.</li>" in page

    def test_the_choices_lead_back_with_the_merged_territory(self, client):
        response = client.post(USE, {
            "retour": "/simulateur/", "suite": "missions=a", "epci": VILLEDIEU, "communes": "50218",
            "choix-3": "97411", "choix-4": "",
        })  # fmt: skip
        assert response.status_code == 302
        assert response["Location"] == f"/simulateur/?missions=a&epci={VILLEDIEU}&communes=50218,97411"

    @pytest.mark.parametrize(
        "back",
        ["https://example.org/", "//example.org/", "javascript:alert(1)", "", "/\\example.org", "simulateur"],
    )
    def test_one_never_goes_back_to_another_site(self, client, back):
        response = client.post(USE, {"retour": back, "communes": "50218"})
        assert response["Location"] == f"{PAGE}?communes=50218"

    def test_a_choice_that_cannot_be_is_explained(self, client):
        response = client.post(USE, {"epci": GRAND_PARIS, "communes": "", "choix-2": "75101"})
        assert response.status_code == 422
        assert "La commune de Paris est déjà dans le territoire" in text(response)
        assert f'name="epci" value="{GRAND_PARIS}"' in text(response)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "Ce fichier est vide."),
            (b"%PDF-1.7", "Ce fichier n’est pas un tableau lisible"),
            (b"50218\n" * 6000, "Ce fichier contient plus de 5\u202f000 lignes."),
            (b"50218\n" * 1_000_000, "Ce fichier dépasse 5\u00a0Mo."),
        ],
    )
    def test_unreadable_files_are_refused_beside_the_field(self, client, content, sentence):
        response = upload(client, content, communes="50218")
        assert response.status_code == 422
        assert sentence in text(response)
        assert 'name="communes" value="50218"' in text(response)

    def test_a_file_is_needed(self, client):
        response = client.post(IMPORT, {})
        assert (response.status_code, "Choisissez un fichier." in text(response)) == (422, True)

    def test_what_the_file_says_is_escaped(self, client):
        assert "<script>" not in text(upload(client, "Commune\n<script>alert(1)</script>\n"))

    def test_sending_needs_the_csrf_token(self):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(IMPORT, {}).status_code == 403
        assert strict.post(USE, {}).status_code == 403


@pytest.mark.parametrize("url", [PAGE, SEARCH, MAP, XLSX, CSV])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_reading_pages_refuse_other_methods(client, url, method):
    before = row_counts()
    assert getattr(client, method)(url).status_code == 405
    assert row_counts() == before


def test_using_communes_is_a_post(client):
    assert client.get(USE).status_code == 405


def test_pages_never_write(client, django_assert_max_num_queries):
    requests: list[Callable[[], Any]] = [
        lambda: client.get(PAGE, {"ajouter": "commune:50218"}),
        lambda: client.get(IMPORT),
    ]
    before = row_counts()
    assert [send().status_code for send in requests] == [200, 200]
    assert row_counts() == before
