"""Whatever the address says, a page answers: never a failure of the server, nothing written."""

from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.jobs.models import Job
from funding.views import simulator
from tests.factories.territories import geographic_code_file, granville  # noqa: F401

pytestmark = pytest.mark.usefixtures("granville")
_READ = [
    "/simulateur/",
    "/simulateur/echeance/2023-03-15/",
    "/simulateur/echeancier.xlsx",
    "/simulateur/echeancier.csv",
    "/simulateur/echeancier.ics",
    "/territoires/",
    "/territoires/recherche/",
    "/territoires/carte/",
    "/territoires/liste.xlsx",
    "/territoires/liste.csv",
    "/territoires/import/",
]
_NAMES = [
    *("source", "population", "signature", "missions", "atteinte", "bareme", "proration", "prorata_variable"),
    *("plan_crise", "crises", "supplements", "debut_acces_soins", "debut_crise_sanitaire"),
    *("epci", "communes", "ajouter", "retirer", "ouvrir", "ouvert", "chercher", "recherche", "page"),
    *("retour", "suite", "vu"),
]
_LIKELY = [
    *(
        "population",
        "territoire",
        "0",
        "-1",
        "1e999",
        "NaN",
        "9" * 5_000,
        "39999",
        "40000",
        "80000",
        "175001",
    ),
    *("0001-01-01", "2020-02-29", "2023-02-29", "9999-12-31", "2023-03-15", "31/12/2019"),
    *("acces_soins", "crise_sanitaire", "aci-2019", "avenant-2", "months", "non", "snp", "0e3", "1E-30"),
    *("200042604", "50218", "50218,50502", "epci:200042604", "commune:50218", "commune:", "75056,75101"),
    *("\x00", "%", "_", "</script>", "\u202e", "//example.org", "/\\example.org", "\r\nX: y", "," * 2_000),
]
_VALUES = st.sampled_from(_LIKELY) | st.text(max_size=12)
_QUERIES = st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=8)
_COMPLETE = "source=population&population=60200&signature=2023-03-15&missions=acces_soins&"


def _encoded(items: list[tuple[str, str]]) -> str:
    # What no UTF-8 can hold is sent as its three bytes, as an attacker would.
    return "&".join(
        f"{name}={quote(value.encode('utf-8', 'surrogatepass'), safe='')}" for name, value in items
    )


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(path=st.sampled_from(_READ), items=_QUERIES, complete=st.booleans(), htmx=st.booleans())
def test_any_query_is_answered(
    client: Client, path: str, items: list[tuple[str, str]], complete: bool, htmx: bool
) -> None:
    query = (_COMPLETE if complete else "") + _encoded(items)
    response = client.get(f"{path}?{query}", headers={"HX-Request": "true"} if htmx else {})

    assert response.status_code in {200, 400, 404}
    assert "example.org" not in response.headers.get("Location", "")
    assert '</script>"' not in response.content.decode("utf-8", "replace")


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
def test_what_is_read_is_only_read(client: Client, method: str) -> None:
    statuses = {client.generic(method, path).status_code for path in _READ if path != "/territoires/import/"}

    assert statuses == {405}
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "back", ["//example.org", "/\\example.org", "/\t/example.org", "https://example.org", "\x00/"]
)
def test_the_way_back_stays_here(client: Client, back: str) -> None:
    sent = {"retour": back, "suite": "a=b\r\nX-Injected: y", "communes": "50218"}
    response = client.post("/territoires/import/communes/", sent)

    assert response["Location"] == "/territoires/?a=b%0D%0AX-Injected:%20y&communes=50218"
    assert "X-Injected" not in response


def test_every_address_that_writes_refuses_another_site() -> None:
    client = Client(enforce_csrf_checks=True)
    unknown = "00000000-0000-0000-0000-000000000000"
    for path in (
        "/simulateur/echeancier.pdf?" + _COMPLETE,
        "/territoires/import/",
        "/territoires/import/communes/",
        "/documents/verifier/",
        f"/travaux/{unknown}/relancer/",
    ):
        assert client.post(path).status_code == 403
    assert not Job.objects.exists()


def test_a_view_that_fails_shows_a_french_page_and_no_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError("a secret of the server")

    pattern = next(each for each in _patterns() if each.name == "simulator")
    assert pattern.callback is simulator.simulator
    monkeypatch.setattr(pattern, "callback", broken)
    response = Client(raise_request_exception=False).get("/simulateur/")

    assert response.status_code == 500
    page = response.content.decode()
    assert "Le serveur a rencontré une erreur" in page
    assert "secret" not in page


def _patterns() -> list[Any]:
    funding = next(each for each in get_resolver().url_patterns if str(each.pattern) == "simulateur/")
    return funding.url_patterns
