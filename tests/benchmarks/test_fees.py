"""The fees of ten thousand members: the dashboard, the list however narrowed, the check before a call."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.access.enums import Role
from core.organisations.models import Cpts
from members.models import FeeBalance, FeeCall, FeePayment, FeeScale, Member
from members.views.fees import fees_url
from tests.benchmarks.measure import ratio, report, timed
from tests.benchmarks.national import SLUG
from tests.benchmarks.test_national_pages import visitor
from tests.benchmarks.test_pages import MAX_BYTES, MAX_P95, MAX_QUERIES, MAX_RATIO

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
QUERIES = (
    "",
    "&etat=late",
    "&etat=paid&page=100",
    "&recherche=moreau",
    "&recherche=2026-0042",
    "&categorie=active&page=300",
)
_BATCH = 2000


@pytest.fixture(scope="module", autouse=True)
def called(django_db_setup, django_db_blocker) -> None:
    """Call the fee of the ten thousand members of the measured CPTS; two in three paid, some in part."""
    with django_db_blocker.unblock():
        cpts = Cpts.objects.get(slug=SLUG)
        if not FeeCall.objects.filter(cpts=cpts).exists():
            FeeCall.objects.bulk_create(_calls(cpts), batch_size=_BATCH)
            payments = FeePayment.objects.bulk_create(_payments(cpts), batch_size=_BATCH)
            balances = [FeeBalance(call_id=each.call_id, paid=each.amount) for each in payments]
            FeeBalance.objects.bulk_create(balances, batch_size=_BATCH)


def _calls(cpts: Cpts) -> Iterator[FeeCall]:
    today = timezone.localdate()
    scale = FeeScale.objects.create(
        cpts=cpts,
        year=today.year,
        category="active",
        amount=20,
        due_on=today - timedelta(days=1),
        decided_on=date(today.year, 1, 1),
        decision_reference="Résolution 4",
        recorded_at=timezone.now(),
    )
    for number, member in enumerate(Member.objects.filter(cpts=cpts).order_by("number"), start=1):
        yield FeeCall(
            cpts=cpts,
            member=member,
            scale=scale,
            year=today.year,
            number=number,
            amount=20,
            called_on=date(today.year, 1, 15),
            due_on=today + timedelta(days=1 if number % 4 == 0 else -1),
            recorded_at=timezone.now(),
        )


def _payments(cpts: Cpts) -> Iterator[FeePayment]:
    for call in FeeCall.objects.filter(cpts=cpts).order_by("pk").iterator():
        if call.number % 3:
            amount = Decimal(10) if call.number % 5 == 0 else call.amount
            yield FeePayment(
                call=call, amount=amount, paid_on=call.called_on, means="transfer", recorded_at=timezone.now()
            )


@pytest.mark.parametrize("query", QUERIES)
def test_fees_of_ten_thousand_members(query, bare_page):
    cpts = Cpts.objects.get(slug=SLUG)
    measure(f"{fees_url(cpts, timezone.localdate().year)}{query}", query or "dashboard", bare_page)


@pytest.mark.parametrize("page", ["baremes", "avis", "releves"])
def test_pages_beside(page, bare_page):
    measure(f"/cpts/{SLUG}/cotisations/{page}/", page, bare_page)


def measure(url: str, name: str, bare_page) -> None:
    """Report how a page stands beside its budgets."""
    client = visitor(Role.TREASURER)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
        count = len(queries)
    assert response.status_code == 200
    report(f"fees: {name}: queries", count, MAX_QUERIES, "queries")
    report(f"fees: {name}: HTML", len(response.content) / 1000, MAX_BYTES / 1000, "kB")
    report(f"fees: {name}: p95", timed(lambda: client.get(url), runs=30).p95 * 1000, MAX_P95, "ms")
    report(
        f"fees: {name}: median over the bare page",
        ratio(lambda: client.get(url), bare_page, runs=30),
        MAX_RATIO,
        "×",
    )
