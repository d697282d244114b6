"""Statements, PDFs and notices come once, whatever runs and whatever dies."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from aci.domain.anniversaries import anniversary
from aci.models import Contract, ContractMission
from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.documents.models import Document
from core.jobs.enums import JobState
from core.jobs.models import Job
from core.notifications.enums import MailState
from core.notifications.models import Notification
from funding.models import DueNotice, Receipt, Statement
from tests.factories.people import CptsFactory, assign
from tests.process.conftest import wait_until

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
EMBEDDED = pytest.mark.parametrize("broker_url", ["filesystem"], indirect=True)


def signed_years_ago(years, count):
    """Write contracts signed so many years ago today, as a loader would: nothing follows from them yet."""
    signed_on = anniversary(timezone.localdate(), -years)
    contracts = [_written(signed_on) for _ in range(count)]
    for contract in contracts:
        assign(Role.TREASURER, contract.cpts)
    return contracts


def _written(signed_on: date) -> Contract:
    contract = Contract.objects.create(
        cpts=CptsFactory(),
        signed_on=signed_on,
        ends_on=anniversary(signed_on, 5),
        ars_party="ARS d’essai",
        cpam_party="CPAM d’essai",
        representative_name="Camille Essai",
        representative_capacity="présidente",
        population=60_200,
        population_source="Population d’essai",
        computed_size=2,
        size=2,
        bareme="avenant-2",
        recorded_at=datetime.combine(signed_on, datetime.min.time(), tzinfo=UTC),
    )
    ContractMission.objects.create(contract=contract, code="prevention", starts_on=signed_on)
    return contract


def established():
    rows = Statement.objects.order_by("contract", "version")
    return list(rows.values_list("contract", "version", "occasion", "contract_year"))


def expected(contracts, years):
    return [
        (contract.pk, year, "anniversary" if year > 1 else "signature", year)
        for contract in contracts
        for year in range(1, years + 2)
    ]


def mails(platform):
    """Return the subjects of the e-mails that left, in order."""
    texts = [path.read_text() for path in sorted(platform.mail.glob("*"))] if platform.mail.exists() else []
    return sorted(re.findall(r"^To: (\S+)$", "\n".join(texts), re.MULTILINE))


def test_two_schedulers_and_three_workers_one_of_them_killed(platform):
    contracts = signed_years_ago(2, count=2)
    for _ in range(2):
        platform.scheduler()
    first = platform.worker()
    wait_until(
        lambda: Job.objects.filter(state=JobState.RUNNING).exists(), "a PDF is being made", platform.log
    )

    for _ in range(2):
        platform.worker()
    platform.kill(first)

    statements = len(contracts) * 3
    wait_until(lambda: Document.objects.count() == statements, "the PDFs are made", platform.log)
    # For each contract a message by statement, and one that sums up the three due dates.
    told = len(contracts) * 4
    sent = Notification.objects.filter(mail_state=MailState.SENT)
    wait_until(lambda: sent.count() == told, "the e-mails leave", platform.log)
    wait_until(
        lambda: Job.objects.filter(state=JobState.DONE).count() == statements, "jobs end", platform.log
    )
    assert established() == expected(contracts, years=2)
    assert Job.objects.count() == Notification.objects.filter(key__contains="statement").count() == statements
    assert Job.objects.filter(attempt__gte=2).exists()
    assert Notification.objects.count() == told
    assert DueNotice.objects.count() == len(contracts) * 3
    assert mails(platform) == sorted(each.recipient.email for each in Notification.objects.all())
    files = list((platform.mail.parent / "media").rglob("*.pdf"))
    assert len(files) == statements
    assert list(chain_faults()) == []


@EMBEDDED
def test_a_worker_killed_while_it_looks_at_contracts_loses_and_doubles_nothing(platform):
    contracts = signed_years_ago(1, count=60)
    first = platform.worker()
    wait_until(lambda: Statement.objects.count() > 2, "the look has begun", platform.log)
    platform.kill(first)
    assert 2 < Statement.objects.count() < 2 * len(contracts)

    platform.scheduler()
    for _ in range(2):
        platform.worker()

    wait_until(
        lambda: DueNotice.objects.values("contract").distinct().count() == len(contracts),
        "every contract is looked at",
        platform.log,
    )
    platform.kill_all()
    assert established() == expected(contracts, years=1)
    assert Job.objects.count() == 2 * len(contracts)
    assert Notification.objects.filter(key__contains="statement").count() == 2 * len(contracts)
    assert Notification.objects.filter(key__contains="due").count() == len(contracts)
    assert list(chain_faults()) == []


@EMBEDDED
def test_two_people_receive_the_same_line_at_once(platform):
    (contract,) = signed_years_ago(0, count=1)
    platform.worker()
    wait_until(lambda: Statement.objects.exists(), "the schedule is there", platform.log)
    line = str(Statement.objects.get().lines.first().pk)

    answers = platform.ask_at_once(
        *(("receive", str(contract.pk), line, f"VIR {number}") for number in range(3))
    )

    receipt = Receipt.objects.get()
    assert sorted(answer.split("\u00a0")[0] for answer in answers) == [str(receipt.pk), *["Déjà reçu"] * 2]
    assert receipt.lines.count() == 1
