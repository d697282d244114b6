"""The e-mails of calls and reminders: each leaves once, or says that it did not.

What is claimed is never handed over again by itself (`core.notifications.domain.delivery` says why): of a
worker killed in between there remains « Envoi incertain », which a person may decide to send again.
"""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from core.access.actors import Actor
from core.audit.domain.journal import record
from core.notifications.domain.delivery import BATCH, BETWEEN_ATTEMPTS, Clock, deliver, was_taken
from core.organisations.models import Cpts
from core.ui.formatting import euros, long_date
from members.domain.fee_calls import received
from members.domain.fee_pdf import call_pdf
from members.domain.fee_scales import campaign_of
from members.domain.members import hold_registry
from members.enums import EXPECTING, NOT_SENT, FeeStep, NoticeState
from members.models import FeeCall, FeeNotice
from members.rules import can_keep_fees

Told = Callable[[int, int], None]

_SUBJECTS = {
    FeeStep.CALL: "Votre cotisation {year}",
    FeeStep.BEFORE: "Votre cotisation {year} est à payer avant le {due_on}",
    FeeStep.FIRST: "Rappel\u00a0: votre cotisation {year} n’est pas réglée",
    FeeStep.SECOND: "Second rappel\u00a0: votre cotisation {year} n’est pas réglée",
}


def send_notices(*, clock: Clock, cpts_id: int | None = None, told: Told | None = None) -> int:
    """Send the e-mails that wait, of one CPTS or of all, and return how many left.

    `told(done, of)` is called after each. Harmless when run twice at once. A server out of reach leaves them
    waiting; one that refuses is tried again later, five times in all; a connection that breaks stops there.
    """
    notices, numbers = _waiting(cpts_id, clock()), itertools.count(1)

    def send(connection: BaseEmailBackend, notice: FeeNotice) -> bool:
        has_left = _sent(connection, notice, clock)
        if told:
            told(next(numbers), len(notices))
        return has_left

    return deliver(notices, send)


def _waiting(cpts_id: int | None, now: datetime) -> list[FeeNotice]:
    waiting = FeeNotice.objects.to_mail(refused_before=now - BETWEEN_ATTEMPTS)
    if cpts_id is not None:
        waiting = waiting.filter(call__cpts=cpts_id)
    batch = waiting.order_by("pk") if cpts_id is not None else waiting.order_by("pk")[:BATCH]
    return list(batch.select_related("call__member", "call__cpts", "call__scale"))


def _sent(connection: BaseEmailBackend, notice: FeeNotice, clock: Clock) -> bool:
    """Send one notice, if that is its fate and nobody else took it: what may fail comes before the claim."""
    fate = _fate(notice, clock())
    mail = mail_of(notice, connection, now=clock()) if fate == NoticeState.CLAIMED else None
    taken = _move(notice, fate, now=clock())
    return mail is not None and taken and _hand_over(mail, notice, clock)


def _fate(notice: FeeNotice, now: datetime) -> NoticeState:
    """What becomes of a notice: dropped when nothing is expected any more, on paper without an address."""
    call: Any = FeeCall.objects.filter(pk=notice.call_id).with_state(timezone.localdate(now)).get()
    if call.state not in EXPECTING or notice.call.member.anonymised_at:
        return NoticeState.DROPPED
    return NoticeState.CLAIMED if notice.call.member.email else NoticeState.PAPER


def _move(notice: FeeNotice, state: NoticeState, *, now: datetime) -> bool:
    """Take a notice that nobody took since it was read."""
    values: dict[str, Any] = {"state": state}
    if state == NoticeState.CLAIMED:
        values |= {"attempts": F("attempts") + 1, "tried_at": now}
    as_read = FeeNotice.objects.filter(pk=notice.pk, state=notice.state, attempts=notice.attempts)
    return as_read.update(**values) == 1


def _hand_over(mail: EmailMessage, notice: FeeNotice, clock: Clock) -> bool:
    """Hand a claimed notice over, and write what became of it; raises what leaves a doubt."""
    if not was_taken(mail, f"notice {notice.pk}"):
        _write(notice, state=NoticeState.FAILED)
        return False
    _write(notice, state=NoticeState.SENT, sent_at=clock())
    return True


def _write(notice: FeeNotice, **values: object) -> None:
    FeeNotice.objects.filter(pk=notice.pk, state=NoticeState.CLAIMED).update(**values)


def mail_of(notice: FeeNotice, connection: BaseEmailBackend | None, *, now: datetime) -> EmailMessage:
    """Return the e-mail of a notice, the PDF of the call attached."""
    call, campaign = notice.call, campaign_of(notice.call.cpts, notice.call.year)
    remaining = call.amount - received(call)
    words = {
        "call": call,
        "step": notice.step,
        "remaining": euros(remaining),
        "is_part": remaining < call.amount,
        "due_on": long_date(call.due_on),
        "message": campaign.message if notice.step == FeeStep.CALL else "",
    }
    body = render_to_string("members/fees/mail.txt", words)
    subject = _SUBJECTS[FeeStep(notice.step)].format(year=call.year, due_on=words["due_on"])
    subject = " ".join(f"{subject} – {call.cpts.name}".splitlines())
    mail = EmailMessage(subject, body, to=[call.member.email], connection=connection)
    document = call_pdf(call, now=now)
    with document.file.open("rb") as file:
        mail.attach(document.filename, file.read(), "application/pdf")
    return mail


def not_sent(cpts: Cpts, year: int) -> QuerySet[FeeNotice]:
    """Return the notices of a year of which nobody can say that they left, by name, each with its member."""
    found = FeeNotice.objects.not_sent().filter(call__cpts=cpts, call__year=year)
    return found.select_related("call__member").order_by("call__member__sort_name", "pk")


@transaction.atomic
def wait_again(cpts: Cpts, year: int, notice_ids: list[int], *, by: Actor, now: datetime) -> int:
    """Put back among those that wait the notices a person chose to send again, and return how many.

    In: refused ones, or uncertain ones, which then may come twice: the person was told so. RefusedError.
    """
    can_keep_fees(by, cpts).require()
    hold_registry(cpts)
    chosen = FeeNotice.objects.filter(
        call__cpts=cpts,
        call__year=year,
        pk__in=notice_ids,
        state__in=[NoticeState.CLAIMED, NoticeState.FAILED],
    )
    count = chosen.update(state=NoticeState.WAITING, attempts=0, tried_at=None)
    if count:
        note = f"{count} avis remis en attente d’envoi."
        record("members.fee_mails_again", campaign_of(cpts, year), by=by, now=now, cpts_id=cpts.pk, note=note)
    return count


def notice_figures(cpts: Cpts, year: int) -> list[tuple[FeeStep, dict[str, int]]]:
    """Return how many notices of a year are in each state, by step, those steps that have any. One query.

    `not_sent` counts the states of which nobody can say that the e-mail left.
    """
    rows = FeeNotice.objects.filter(call__cpts=cpts, call__year=year).order_by()
    counted = rows.values_list("step", "state").annotate(count=Count("pk"))
    found: dict[str, dict[str, int]] = {}
    for step, state, count in counted:
        figures = found.setdefault(step, dict.fromkeys((*NoticeState.values, "not_sent"), 0))
        figures[state] = count
        figures["not_sent"] += count if state in NOT_SENT else 0
    return [(step, found[step]) for step in FeeStep if step in found]
