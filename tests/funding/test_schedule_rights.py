"""Who may open the schedule, its statements and its receipts: the same refusals for every page."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from core.access.enums import Role
from core.jobs.models import Job
from funding.models import Receipt
from tests.factories.funding import receive

pytestmark = pytest.mark.django_db
START = date(2023, 9, 15)
READ = {
    "schedule": [],
    "due_date": [START],
    "schedule_xlsx": [],
    "schedule_csv": [],
    "schedule_ics": [],
    "statements": [],
    "statement": [1],
    "statement_due_date": [1, START],
    "receipts": [],
}
READERS = (Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.REVIEWER)
OTHERS = (Role.MEMBER, Role.ADMINISTRATOR)


def url(name, *args, slug="littoral"):
    return reverse(f"contract:{name}", args=[slug, *args])


@pytest.fixture
def receipt(contract_a):
    return receive(contract_a, START)


@pytest.fixture
def written(receipt):
    """The pages that write: the treasurer's, then that of the PDF."""
    return [url("receive"), url("receipt_cancel", receipt.pk), url("statement_pdf", 1)]


@pytest.mark.parametrize("name", READ)
def test_reading_pages_are_open_to_who_runs_the_cpts_and_who_reviews_it(sign_in, receipt, name):
    page = url(name, *READ[name])
    assert {role: sign_in(role).get(page).status_code for role in READERS} == dict.fromkeys(READERS, 200)
    for role in OTHERS:
        assertContains(sign_in(role).get(page), "L’échéancier est ouvert à la coordination", status_code=403)
    assert Client().get(page).status_code == 302
    assert Client().get(page)["Location"].startswith("/compte/")


@pytest.mark.parametrize("name", READ)
def test_reading_pages_of_another_cpts_are_not_found(sign_in, receipt, other_cpts, name):
    page = url(name, *READ[name])
    for role in (Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER):
        assert sign_in(role, other_cpts).get(page).status_code == 404
    assert sign_in(Role.TREASURER).get(url(name, *READ[name], slug="nulle-part")).status_code == 404


@pytest.mark.parametrize("name", READ)
def test_reading_pages_take_no_post(sign_in, receipt, name):
    assert sign_in(Role.TREASURER).post(url(name, *READ[name])).status_code == 405


def test_only_the_treasurer_writes_receipts(sign_in, written):
    for role in (Role.COORDINATOR, Role.BOARD, Role.REVIEWER, *OTHERS):
        client = sign_in(role)
        for page in written[:2]:
            assertContains(client.get(page), "enregistrés par la trésorerie", status_code=403)
            assert client.post(page, {"raison": "Essai"}).status_code == 403
    assert Receipt.objects.count() == 1


def test_a_reviewer_reads_without_a_button_to_write(sign_in, receipt):
    reviewer = sign_in(Role.REVIEWER)
    for page in (url("schedule"), url("due_date", START), url("receipts"), url("statement", 1)):
        response = reviewer.get(page)
        assertNotContains(response, "Enregistrer")
        assertNotContains(response, "Annuler<span")
        assertNotContains(response, "Préparer le PDF")
    assert reviewer.post(url("statement_pdf", 1)).status_code == 403


def test_writing_pages_of_another_cpts_are_not_found(sign_in, written, other_cpts):
    jobs = Job.objects.count()
    for page in written:
        assert sign_in(Role.TREASURER, other_cpts).post(page, {"raison": "Essai"}).status_code == 404
        assert Client().post(page).status_code == 302
    assert (Receipt.objects.count(), Job.objects.count()) == (1, jobs)


def test_nothing_is_written_from_another_site(sign_in, written):
    jobs = Job.objects.count()
    client = sign_in(Role.TREASURER)
    client.handler.enforce_csrf_checks = True
    for page in written:
        assert client.post(page, {"raison": "Essai"}).status_code == 403
    assert (Receipt.objects.count(), Job.objects.count()) == (1, jobs)


def test_other_methods_are_refused(sign_in, written):
    client = sign_in(Role.TREASURER)
    assert [client.put(page).status_code for page in written] == [405] * 3
