"""Every page of the roles, at the size of the country, beside a bare Django page measured in the same run."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.access.enums import Role
from core.accounts.models import RoleAssignment
from tests.benchmarks.measure import ratio, report, timed
from tests.benchmarks.national import SLUG
from tests.benchmarks.test_pages import MAX_BYTES, MAX_P95, MAX_QUERIES, MAX_RATIO
from tests.factories.people import client_of

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

CPTS = f"/cpts/{SLUG}/"
PAGES = {
    Role.COORDINATOR: (
        "/",
        CPTS,
        f"{CPTS}association/modifier/",
        f"{CPTS}territoire/",
        f"{CPTS}territoire/modifier/",
        f"{CPTS}contrat/",
        f"{CPTS}echeancier/",
        f"{CPTS}decomptes/",
        f"{CPTS}annuaire/",
        f"{CPTS}annuaire/?recherche=essai+12",
        f"{CPTS}personnes/",
        f"{CPTS}historique/",
        "/messages/",
    ),
    Role.TREASURER: ("/", f"{CPTS}echeancier/?etat=en-retard", f"{CPTS}versements/"),
    Role.REVIEWER: (
        "/",
        "/instruction/",
        "/instruction/?recherche=essai+12",
        "/instruction/?recherche=granv",
        "/instruction/?tri=population",
    ),
    Role.ADMINISTRATOR: ("/", "/administration/", "/administration/cpts/", "/annuaire/"),
}


def visitor(role: Role) -> Client:
    """Return the browser of the holder of a role: of the measured CPTS, or of the whole country."""
    held = RoleAssignment.objects.filter(role=role)
    return client_of(held.filter(cpts__slug=SLUG).first() or held.get())


@pytest.mark.parametrize(
    ("role", "url"), [(role, url) for role, urls in PAGES.items() for url in urls], ids=str
)
def test_page(role, url, bare_page):
    client = visitor(role)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
        count = len(queries)
    assert response.status_code == 200
    name = f"{role}: {url.replace(CPTS, '…/')}"
    times = ratio(lambda: client.get(url), bare_page, runs=40)
    report(f"{name}: median over the bare page", times, MAX_RATIO, "×")
    report(f"{name}: p95", timed(lambda: client.get(url), runs=40).p95 * 1000, MAX_P95, "ms")
    report(f"{name}: queries", count, MAX_QUERIES, "queries")
    report(f"{name}: HTML", len(response.content) / 1000, MAX_BYTES / 1000, "kB")
