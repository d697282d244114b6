"""Every page, beside a bare Django page measured in the same run."""

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.benchmarks.measure import ratio, report, timed

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

TWO_EPCI = "epci=200042604,200043354"
SIMULATION = f"{TWO_EPCI}&" + urlencode(
    [
        ("signature", "2023-03-15"),
        ("atteinte", "80"),
        *(("missions", code) for code in ("acces_soins", "parcours", "prevention", "crise_sanitaire")),
        ("debut_acces_soins", "2023-09-15"),
        ("debut_crise_sanitaire", "2023-09-15"),
        ("debut_parcours", "2024-03-15"),
        ("debut_prevention", "2024-03-15"),
    ]
)
PAGES = {
    "home": "/",
    "simulator, blank": "/simulateur/",
    "simulator, 59 communes": f"/simulateur/?{SIMULATION}",
    "due date with its explanations": f"/simulateur/echeance/2025-03-15/?{SIMULATION}",
    "territory, 59 communes": f"/territoires/?{TWO_EPCI}",
    "verify a document": "/documents/verifier/",
    "health": "/healthz",
}
MAX_QUERIES, MAX_BYTES, MAX_RATIO, MAX_P95 = 15, 40_000, 2.5, 80


@pytest.mark.parametrize(("name", "url"), PAGES.items(), ids=PAGES)
def test_page(name, url, bare_page):
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        content = client.get(url).content
        count = len(queries)
    report(
        f"{name}: median over the bare page",
        ratio(lambda: client.get(url), bare_page, runs=80),
        MAX_RATIO,
        "×",
    )
    report(f"{name}: p95", timed(lambda: client.get(url), runs=60).p95 * 1000, MAX_P95, "ms")
    report(f"{name}: queries", count, MAX_QUERIES, "queries")
    report(f"{name}: HTML", len(content) / 1000, MAX_BYTES / 1000, "kB")


@pytest.mark.parametrize("words", ["gra", "saint", "st lo", "504", "fougeres"])
def test_search_as_you_type(words):
    client = Client()
    timing = timed(lambda: client.get("/territoires/recherche/", {"recherche": words}), runs=60)
    report(f"search « {words} » over 35 000 communes: p95", timing.p95 * 1000, 30, "ms")
