"""Several people at once on the files of a registry: one import each, nobody written twice."""

from datetime import timedelta

import pytest

from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.jobs.domain.jobs import sweep_jobs
from core.jobs.domain.running import claim_job, run_job
from core.jobs.models import Job
from members.domain.import_files import WRITE_KIND, agree, write_file
from members.models import Member
from tests.factories.imports import NOW, received_file
from tests.factories.people import CptsFactory, assign
from tests.factories.threads import at_once, shared_base

__all__ = ["shared_base"]
pytestmark = pytest.mark.usefixtures("shared_base")
PEOPLE = 4
HEADERS = ("Nom", "Prénom", "Mail", "Membre depuis")
ROWS = [(f"Essai{n}", "Zoé", f"zoe{n}@example.org", "15/01/2024") for n in range(3)]


@pytest.fixture
def cpts(shared_base):
    return CptsFactory()


@pytest.fixture
def by(cpts):
    return assign(Role.COORDINATOR, cpts).to_held_role().actor


@pytest.fixture
def file(cpts, by):
    return received_file(cpts, HEADERS, *ROWS, by=by)


def told():
    return AuditEntry.objects.filter(action="members.member_added").count()


def test_people_who_agree_at_once_make_one_import(file, by):
    jobs = at_once([lambda: agree(file, file.fingerprint, by=by, now=NOW)] * PEOPLE)
    at_once([lambda: run_job(jobs[0].pk, clock=lambda: NOW)] * PEOPLE)

    assert {job.pk for job in jobs} == {Job.objects.get(kind=WRITE_KIND).pk}
    assert (Member.objects.count(), told()) == (3, 3)
    assert list(chain_faults()) == []


def test_one_spreadsheet_sent_by_two_is_written_once_and_shown_again_to_the_other(cpts, file, by):
    files = [file, received_file(cpts, HEADERS, *ROWS, by=by)]
    jobs = [agree(file, file.fingerprint, by=by, now=NOW) for file in files]

    at_once([lambda job=job: run_job(job.pk, clock=lambda: NOW) for job in jobs])

    assert (Member.objects.count(), told()) == (3, 3)
    for file in files:
        file.refresh_from_db()
    written, shown = sorted(files, key=lambda file: file.is_stale)
    assert (written.counts, written.written_at is None) == ({"new": 3}, False)
    assert (shown.counts, shown.written_at) == ({"unchanged": 3}, None)
    assert list(chain_faults()) == []


def test_a_worker_killed_after_its_last_word_writes_nothing_more(file, by):
    agreed = agree(file, file.fingerprint, by=by, now=NOW)
    job = claim_job(agreed.pk, now=NOW)
    write_file(job, lambda *_: None)

    sweep_jobs(now=NOW + timedelta(minutes=5))
    run_job(job.pk, clock=lambda: NOW + timedelta(minutes=5))

    job.refresh_from_db()
    assert (job.state, job.attempt, Member.objects.count(), told()) == ("done", 2, 3, 3)
