"""The list of a registry of ten thousand, among three hundred thousand in the base."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.access.actors import Actor
from core.access.enums import Role
from core.organisations.models import Cpts
from members.domain.bulk import BULK_ACTIONS, run_bulk
from members.models import Member
from tests.benchmarks.measure import ratio, report, timed
from tests.benchmarks.national import SLUG
from tests.benchmarks.test_national_pages import visitor
from tests.benchmarks.test_pages import MAX_BYTES, MAX_P95, MAX_QUERIES, MAX_RATIO

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

LIST = f"/cpts/{SLUG}/membres/"
QUERIES = (
    "",
    "?recherche=lef",
    "?situation=membres",
    "?situation=member&au=2025-06-01",
    "?tri=commune",
    "?tri=profession",
    "?page=150",
    "?profession=60&participation=to_confirm&courriel=avec",
    "?structure=centre",
)
MAX_SEARCH, MAX_EXPORT, MAX_BULK = 30, 3, 10
"""Milliseconds of a search as one types, seconds of an export of ten thousand rows, and of a bulk action."""
AS_ONE_TYPES = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "liste"}


@pytest.mark.parametrize("query", QUERIES)
def test_list(query, bare_page):
    client, url = visitor(Role.COORDINATOR), f"{LIST}{query}"
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
        count = len(queries)
    assert response.status_code == 200
    name = f"members {query}"
    report(
        f"{name}: median over the bare page",
        ratio(lambda: client.get(url), bare_page, runs=40),
        MAX_RATIO,
        "×",
    )
    report(f"{name}: p95", timed(lambda: client.get(url), runs=40).p95 * 1000, MAX_P95, "ms")
    report(f"{name}: queries", count, MAX_QUERIES, "queries")
    report(f"{name}: HTML", len(response.content) / 1000, MAX_BYTES / 1000, "kB")


@pytest.mark.parametrize("typed", ["l", "lef", "zoe lef", "infirm", "centre d essai", "zzz"])
def test_search_as_one_types(typed):
    client = visitor(Role.COORDINATOR)
    took = timed(lambda: client.get(LIST, {"recherche": typed}, **AS_ONE_TYPES), runs=60)
    report(f"members, typing « {typed} »: p95", took.p95 * 1000, MAX_SEARCH, "ms")


@pytest.mark.parametrize("query", ["", "?complet=1"])
@pytest.mark.parametrize("extension", ["xlsx", "csv", "ods"])
def test_export(extension, query):
    client = visitor(Role.TREASURER)
    took = timed(lambda: client.get(f"{LIST}membres.{extension}{query}"), runs=2, warm_up=1)
    report(f"members, {extension}{query} of ten thousand", took.median, MAX_EXPORT, "s")


def test_bulk_action():
    cpts = Cpts.objects.get(slug=SLUG)
    by = Actor(role=Role.COORDINATOR, user_id=1, cpts_id=cpts.pk)
    ids = list(Member.objects.filter(cpts=cpts).values_list("pk", flat=True))

    def work():
        with transaction.atomic():
            run_bulk(cpts, BULK_ACTIONS["gouvernance-oui"], ids, by=by, now=timezone.now())
            transaction.set_rollback(True)

    report("members, bulk action on ten thousand", timed(work, runs=2, warm_up=0).median, MAX_BULK, "s")
