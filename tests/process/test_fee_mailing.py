"""A worker killed in the middle of a bulk call: nobody is called twice, no e-mail leaves twice."""

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.jobs.enums import JobState
from core.jobs.models import Job
from members.domain.fee_scales import set_scale
from members.enums import NoticeState
from members.models import FeeCall, FeeNotice
from tests.factories.fees import join, keeper_of, scale_values
from tests.factories.people import CptsFactory
from tests.process.conftest import wait_until

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
MEMBERS = 12


def called_for_this_year():
    """Make the members of a CPTS and their scale, and return the CPTS with the year."""
    cpts, now = CptsFactory(), timezone.now()
    year = timezone.localdate(now).year
    decided = {
        "year": year,
        "amount": Decimal(20),
        "due_on": date(year, 12, 31),
        "decided_on": date(year, 1, 1),
    }
    set_scale(cpts, scale_values(**decided), by=keeper_of(cpts), now=now)
    for _ in range(MEMBERS):
        join(cpts)
    return cpts, year


def recipients(platform):
    """Return to whom e-mails left, and how many times."""
    texts = [path.read_text() for path in platform.mail.glob("*")] if platform.mail.exists() else []
    return Counter(re.findall(r"^To: (\S+)$", "\n".join(texts), re.MULTILINE))


def ask(platform, cpts, year):
    by = {"user_id": keeper_of(cpts).user_id, "role": Role.TREASURER}
    payload = {"cpts": cpts.pk, "year": year, "members": None, "by": by}
    return platform.ask("new", "members.call_fees", json.dumps(payload))


def test_a_worker_killed_in_the_middle_of_a_bulk_mailing(platform):
    cpts, year = called_for_this_year()
    first = platform.worker()
    job_id = ask(platform, cpts, year)
    sent = FeeNotice.objects.filter(state=NoticeState.SENT)
    wait_until(lambda: sent.count() >= 2, "some e-mails left", platform.log)
    platform.kill(first)
    assert sent.count() < MEMBERS

    platform.scheduler()
    for _ in range(2):
        platform.worker()
    wait_until(
        lambda: Job.objects.filter(pk=job_id, state=JobState.DONE).exists(), "the job ends", platform.log
    )
    platform.kill_all()

    assert sorted(FeeCall.objects.values_list("number", flat=True)) == list(range(1, MEMBERS + 1))
    states = Counter(FeeNotice.objects.values_list("state", flat=True))
    assert states[NoticeState.SENT] + states[NoticeState.CLAIMED] == MEMBERS
    assert states[NoticeState.CLAIMED] <= 1
    left = recipients(platform)
    assert set(left.values()) == {1}
    assert {notice.call.member.email for notice in sent.select_related("call__member")} <= left.keys()
    assert list(chain_faults()) == []
