"""A kind of job may keep its page for those who may see its CPTS."""

import pytest
import time_machine
from django.test import Client

from core.access.enums import Role
from core.jobs import registry
from core.jobs.enums import JobState
from core.jobs.registry import JobKind
from tests.core.jobs.conftest import NOW, row

pytestmark = pytest.mark.django_db
_PAGES = [("", "get"), ("etat/", "get"), ("relancer/", "post")]


@pytest.fixture
def kept(monkeypatch, make_job):
    """Return a failed job that its CPTS's treasurer alone may follow."""

    def to_the_treasurer(job, actor):
        return actor is not None and actor.is_in(job.payload["cpts"], Role.TREASURER)

    def home(_job):
        return "Accueil", "/"

    kind = JobKind("tests.kept", "Travail gardé", lambda _job, _report: None, home, home, to_the_treasurer)
    monkeypatch.setitem(registry._kinds, kind.name, kind)
    return lambda cpts: make_job(JobState.FAILED, kind="tests.kept", payload={"cpts": cpts.pk})


@pytest.fixture(autouse=True)
def at_noon(rung):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(("part", "method"), _PAGES)
def test_who_may_see_it_follows_it(kept, cpts, sign_in, part, method):
    response = getattr(sign_in(Role.TREASURER), method)(f"/travaux/{kept(cpts).pk}/{part}")

    assert response.status_code == (302 if method == "post" else 200)


@pytest.mark.parametrize("who", ["anonymous", "member", "foreigner", "administrator"])
@pytest.mark.parametrize(("part", "method"), _PAGES)
def test_for_others_it_does_not_exist_and_nothing_changes(kept, cpts, other_cpts, sign_in, part, method, who):
    job = kept(cpts)
    before = row(job)
    browser = {
        "anonymous": Client,
        "member": lambda: sign_in(Role.MEMBER),
        "foreigner": lambda: sign_in(Role.TREASURER, other_cpts),
        "administrator": lambda: sign_in(Role.ADMINISTRATOR),
    }[who]()

    response = getattr(browser, method)(f"/travaux/{job.pk}/{part}")

    assert response.status_code == 404
    assert "Travail gardé" not in response.content.decode()
    assert row(job) == before
