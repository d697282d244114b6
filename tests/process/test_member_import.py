"""A worker killed in the middle of a large import: nothing is half written, nobody is written twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.jobs.domain.running import run_job
from core.jobs.enums import JobState
from core.jobs.models import Job
from members.domain.import_files import agree, receive_file
from members.models import Member, Membership, PracticePlace
from tests.factories.imports import sheet_of
from tests.factories.people import CptsFactory, assign
from tests.process.conftest import wait_until
from tests.process.slow_app.apps import STOP_IMPORT, STOPPED_IMPORT

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
EMBEDDED = pytest.mark.parametrize("broker_url", ["filesystem"], indirect=True)
ROWS = 2_000
HEADERS = ("Nom", "Prénom", "Profession", "Mail", "Structure", "Membre depuis")
TABLES = (Member, Membership, PracticePlace)


def agreed_file():
    """Return a file agreed to a while ago: the first worker to come finds its job."""
    cpts, now = CptsFactory(), timezone.now() - timedelta(minutes=1)
    by = assign(Role.COORDINATOR, cpts).to_held_role().actor
    rows = [
        (f"Essai{n}", "Zoé", "IDE", f"zoe{n}@example.org", f"Cabinet {n // 40}", "15/01/2024")
        for n in range(ROWS)
    ]
    file = receive_file(cpts, sheet_of(HEADERS, *rows), name="membres.xlsx", by=by, now=now)
    run_job(file.job_id)
    file.refresh_from_db()
    assert file.counts == {"new": ROWS}
    file.job = agree(file, file.fingerprint, by=by, now=now)
    return file


def written():
    return [table.objects.count() for table in TABLES]


@EMBEDDED
def test_a_worker_killed_in_the_middle_of_an_import(platform):
    file = agreed_file()
    folder = platform.mail.parent
    folder.mkdir(exist_ok=True)
    (folder / STOP_IMPORT).touch()
    told = AuditEntry.objects.count()

    first = platform.worker()
    wait_until((folder / STOPPED_IMPORT).exists, "the rows are in, not committed", platform.log)
    assert Job.objects.get(pk=file.job_id).state == JobState.RUNNING
    platform.kill(first)
    assert (written(), AuditEntry.objects.count()) == ([0, 0, 0], told)

    platform.scheduler()
    platform.worker()
    done = Job.objects.filter(pk=file.job_id, state=JobState.DONE)
    wait_until(done.exists, "the job ends", platform.log)
    platform.kill_all()

    assert written() == [ROWS, ROWS, ROWS]
    assert list(Member.objects.order_by("number").values_list("number", flat=True)) == [*range(1, ROWS + 1)]
    added = AuditEntry.objects.filter(action="members.member_added")
    assert len(set(added.values_list("target_id", flat=True))) == added.count() == ROWS
    file.refresh_from_db()
    assert (file.counts, file.content, file.rows.count()) == ({"new": ROWS}, b"", 0)
    assert list(chain_faults()) == []
