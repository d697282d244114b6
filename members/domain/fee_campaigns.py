"""The bulk call: a job that calls members one by one, prints and sends, and may start again anywhere."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from core.access.actors import Actor
from core.access.enums import Role
from core.jobs.domain.jobs import enqueue_job
from core.jobs.enums import JobState
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from core.organisations.models import Cpts
from members.domain.fee_calls import call_member, candidates
from members.domain.fee_mails import send_notices
from members.domain.fee_pdf import back_to_fees, is_open_to
from members.models import Member
from members.rules import can_keep_fees

KIND_NAME, MAIL_KIND = "members.call_fees", "members.send_fee_mails"
KEEP_FOR = timedelta(days=30)
_CALLING = 40
"""Percent of the job that the calls take; the rest is for e-mails, each with its PDF."""


def request_calls(
    cpts: Cpts, year: int, member_ids: list[int] | None, *, once: str, by: Actor, now: datetime
) -> Job:
    """Queue the call of a year's fees, of these members or of all, and return its job.

    `once` names the form: sent twice, it is one job. Raises RefusedError.
    """
    can_keep_fees(by, cpts).require()
    payload = {
        "cpts": cpts.pk,
        "year": year,
        "members": member_ids,
        "by": {"user_id": by.user_id, "role": by.role},
    }
    key = f"{KIND_NAME}:{cpts.pk}:{year}:{once}"
    return enqueue_job(KIND_NAME, payload=payload, requester="", now=now, keep_for=KEEP_FOR, unique_key=key)


def request_mails(cpts: Cpts, year: int, *, now: datetime) -> Job:
    """Queue the sending of what waits in a CPTS, and return its job: the one that waits already, if any."""
    payload = {"cpts": cpts.pk, "year": year}
    waiting = Job.objects.filter(kind=MAIL_KIND, state=JobState.QUEUED, payload__cpts=cpts.pk)
    if job := waiting.filter(expires_at__gt=now).first():
        return job
    return enqueue_job(MAIL_KIND, payload=payload, requester="", now=now, keep_for=KEEP_FOR)


def make_calls(job: Job, report: Report) -> None:
    """Call each member in a transaction of their own, then send. Run again after a crash, it goes on.

    A member who may no longer be called (admitted, suspended, exempted meanwhile) is left out.
    """
    cpts, year = Cpts.objects.get(pk=job.payload["cpts"]), job.payload["year"]
    by = Actor(role=Role(job.payload["by"]["role"]), user_id=job.payload["by"]["user_id"], cpts_id=cpts.pk)
    day = timezone.localdate()
    asked = candidates(cpts, year, day=day, members=job.payload["members"])
    members = [each.member for each in asked if each.asked]
    for done, member in enumerate(members):
        report(_CALLING * done // len(members), f"Appel {done + 1} sur {len(members)}")
        _call(member, cpts, year, by)
    _send(cpts, report, start=_CALLING)


def _call(member: Member, cpts: Cpts, year: int, by: Actor) -> None:
    member.cpts = cpts
    try:
        call_member(member, year, by=by, now=timezone.now())
    except ValidationError:
        # What changed since the list was read: it says so on the page of who is not called.
        return


def make_mails(job: Job, report: Report) -> None:
    """Send what waits in a CPTS."""
    _send(Cpts.objects.get(pk=job.payload["cpts"]), report, start=0)


def _send(cpts: Cpts, report: Report, *, start: int) -> None:
    def told(done: int, total: int) -> None:
        report(start + (100 - start) * done // total, f"E-mail {done} sur {total}")

    send_notices(clock=timezone.now, cpts_id=cpts.pk, told=told)


def _notices_link(job: Job) -> tuple[str, str]:
    slug = Cpts.objects.get(pk=job.payload["cpts"]).slug
    address = reverse("members:fee_notices", args=[slug])
    return "Voir ce qui est parti", f"{address}?annee={job.payload['year']}"


CALL_FEES = JobKind(KIND_NAME, "Appel des cotisations", make_calls, _notices_link, back_to_fees, is_open_to)
SEND_MAILS = JobKind(
    MAIL_KIND, "Envoi des e-mails de cotisation", make_mails, _notices_link, back_to_fees, is_open_to
)
