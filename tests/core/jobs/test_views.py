"""The page that follows a job."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from core.jobs.enums import JobState
from core.jobs.models import Job
from tests.core.jobs.conftest import DAY, NOW, row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


def _url(job, page=""):
    return f"/travaux/{job if isinstance(job, str) else job.pk}/{page}"


def _text(response):
    return response.content.decode()


def test_a_queued_job_says_that_it_waits_and_asks_again(client, make_job):
    job = make_job()
    page = _text(client.get(_url(job)))

    assert "Travail d’essai" in page
    assert "attend son tour" in page
    assert f'hx-get="{_url(job, "etat/")}?vu=queued-0-0--0"' in page
    assert 'hx-trigger="every 1s"' in page
    assert 'aria-live="polite"' in page


def test_without_javascript_the_page_reloads_while_the_job_lasts(client, make_job):
    refresh = '<noscript> <meta http-equiv="refresh" content="2"> </noscript>'

    assert refresh in " ".join(_text(client.get(_url(make_job()))).split())
    assert "http-equiv" not in _text(client.get(_url(make_job(JobState.DONE))))


def test_a_running_job_shows_its_step_and_progress(client, make_job):
    page = _text(client.get(_url(make_job(JobState.RUNNING, progress=40, progress_label="Mise en page"))))

    assert "Mise en page" in page
    assert '<progress value="40" max="100"' in page


def test_a_done_job_leads_to_its_result_and_stops_asking(client, make_job):
    page = _text(client.get(_url(make_job(JobState.DONE), "etat/")))

    assert '<a class="btn btn-primary" href="/resultat/">Ouvrir le résultat</a>' in page
    assert "16 janvier 2026" in page
    assert "hx-get" not in page


def test_a_failed_job_says_why_and_can_be_run_again(client, make_job):
    job = make_job(JobState.FAILED)
    page = _text(client.get(_url(job)))

    assert "Le modèle manque." in page
    assert f'action="{_url(job, "relancer/")}"' in page
    assert "Relancer" in page
    assert "hx-get" not in page


def test_the_fragment_is_a_fragment(client, make_job):
    page = _text(client.get(_url(make_job(), "etat/")))

    assert "<html" not in page
    assert "attend son tour" in page


def test_the_fragment_is_empty_as_long_as_nothing_changed(client, make_job):
    job = make_job()
    seen = {"vu": "queued-0-0--0"}

    assert client.get(_url(job, "etat/"), seen).status_code == 204
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1, started_at=NOW, heartbeat_at=NOW)
    assert client.get(_url(job, "etat/"), seen).status_code == 200


def test_running_again_queues_the_job_and_comes_back_to_its_page(client, make_job):
    job = make_job(JobState.FAILED)

    response = client.post(_url(job, "relancer/"))

    assert (response.status_code, response["Location"]) == (302, _url(job))
    assert row(job)["state"] == JobState.QUEUED


def test_a_double_click_runs_again_once(client, make_job):
    job = make_job(JobState.FAILED)

    client.post(_url(job, "relancer/"))
    once = row(job)
    response = client.post(_url(job, "relancer/"))

    assert (response.status_code, row(job)) == (302, once)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
def test_a_job_that_did_not_fail_is_not_run_again(client, make_job, state):
    job = make_job(state)
    before = row(job)

    assert client.post(_url(job, "relancer/")).status_code == 302

    assert row(job) == before


@pytest.mark.parametrize(("page", "method"), [("", "get"), ("etat/", "get"), ("relancer/", "post")])
def test_an_expired_job_says_so_and_nothing_changes(client, make_job, page, method):
    job = make_job(JobState.FAILED, created_at=NOW - DAY, expires_at=NOW)
    before = row(job)

    response = getattr(client, method)(_url(job, page))

    assert response.status_code == 410
    assert "Ce résultat n’est plus conservé" in _text(response)
    assert "Relancer" not in _text(response)
    assert "hx-get" not in _text(response)
    assert row(job) == before


def test_a_job_of_another_version_has_a_page(client, make_job):
    page = _text(client.get(_url(make_job(JobState.DONE, kind="tests.gone"))))

    assert "C’est prêt" in page


_PAGES = [("", "get"), ("etat/", "get"), ("relancer/", "post")]


@pytest.mark.parametrize(("page", "method"), _PAGES)
def test_an_unknown_job_is_not_found(client, page, method):
    assert getattr(client, method)(_url(str(uuid4()), page)).status_code == 404


@pytest.mark.parametrize(("page", "method"), _PAGES)
@pytest.mark.parametrize("wrong", ["1", "x' or 1=1", "0" * 36])
def test_a_wrong_number_is_not_found(client, page, method, wrong):
    assert getattr(client, method)(_url(wrong, page)).status_code == 404


@pytest.mark.parametrize(
    ("page", "method"),
    [("", "post"), ("", "delete"), ("etat/", "post"), ("relancer/", "get"), ("relancer/", "put")],
)
def test_a_wrong_method_is_refused_and_nothing_changes(client, make_job, page, method):
    job = make_job(JobState.FAILED)
    before = row(job)

    assert getattr(client, method)(_url(job, page)).status_code == 405

    assert row(job) == before


def test_running_again_from_another_site_is_refused(make_job):
    job = make_job(JobState.FAILED)
    before = row(job)

    assert Client(enforce_csrf_checks=True).post(_url(job, "relancer/")).status_code == 403

    assert row(job) == before


@pytest.mark.parametrize("page", ["", "etat/"])
@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("others", [0, 2])
def test_following_a_job_costs_one_query(client, make_job, django_assert_num_queries, page, state, others):
    job = make_job(state)
    for _ in range(others):
        make_job(state)

    with django_assert_num_queries(1):
        client.get(_url(job, page))


@pytest.mark.parametrize("page", ["", "etat/"])
def test_the_page_of_a_job_is_never_cached(client, make_job, page):
    assert "no-store" in client.get(_url(make_job(), page))["Cache-Control"]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.DONE, JobState.FAILED])
def test_every_job_leads_back_to_where_it_was_asked(client, make_job, state):
    page = _text(client.get(_url(make_job(state))))
    assert '<a class="btn btn-secondary" href="/demande/">Revenir à la demande</a>' in page
