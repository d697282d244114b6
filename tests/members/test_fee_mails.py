"""E-mails of fees leave once or say that they did not; reminders come on time, each once."""

import io
import smtplib
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from core.audit.models import AuditEntry
from core.documents.domain.documents import document_about
from core.documents.models import Document
from core.jobs.domain.running import run_job
from core.jobs.enums import JobState
from core.jobs.models import Job
from core.notifications.domain import delivery
from core.notifications.domain.delivery import BETWEEN_ATTEMPTS
from core.notifications.models.notification import MOST_ATTEMPTS
from members.domain import fee_mails
from members.domain.fee_calls import call_member, cancel_call, exempt_member
from members.domain.fee_campaigns import request_calls, request_mails
from members.domain.fee_mails import send_notices
from members.domain.fee_payments import refund_payment
from members.domain.fee_pdf import call_pdf, request_call_pdf, request_print, request_receipt
from members.domain.fee_reminders import due_step, look_at_fees
from members.domain.fee_scales import campaign_of, set_campaign
from members.enums import EndGround, FeeStep, MembershipState, NoticeState, PaymentMeans
from members.models import FeeCall, FeeCampaign, FeeNotice, Suspension
from members.tasks import look_at_fees as look_at_fees_task
from tests.factories.fees import DUE_ON, NOW, YEAR, call, join, keeper_of, pay, set_scale_of
from tests.factories.members import RECORDED

pytestmark = pytest.mark.django_db
_REFUSALS = [
    smtplib.SMTPDataError(452, b"mailbox full"),
    smtplib.SMTPRecipientsRefused({}),
    smtplib.SMTPSenderRefused(550, b"no", "x"),
]
_DOUBTS = [smtplib.SMTPServerDisconnected("gone"), TimeoutError(), ConnectionResetError()]


@pytest.fixture(autouse=True)
def scale(cpts):
    with time_machine.travel(NOW, tick=False):
        yield set_scale_of(cpts)


def sweep(at=NOW):
    return send_notices(clock=lambda: at)


def at(day):
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def steps(call):
    return list(call.notices.order_by("pk").values_list("step", "state"))


def pdf_text(document):
    with document.file.open("rb") as file:
        reader = PdfReader(io.BytesIO(file.read()))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), len(reader.pages)


def failing(monkeypatch, error):
    def send(self, fail_silently=False):
        raise error

    monkeypatch.setattr(fee_mails.EmailMessage, "send", send)


# The e-mail


def test_the_mail_carries_the_call(cpts):
    made = call(cpts, last_name="Essai", first_name="Zoé")

    assert sweep() == 1
    assert sweep() == 0

    (sent,) = mail.outbox
    assert sent.subject == "Votre cotisation 2026 – CPTS du Littoral d’essai"
    assert sent.to == [made.member.email]
    assert "20,00\u00a0€, à payer avant le 30 avril 2026" in sent.body
    assert "n°\u00a02026-0001" in sent.body
    name, content, kind = sent.attachments[0]
    assert (name, kind) == ("appel-cotisation-2026-0001.pdf", "application/pdf")
    assert content.startswith(b"%PDF")
    notice = made.notices.get()
    assert (notice.state, notice.attempts, notice.sent_at) == (NoticeState.SENT, 1, NOW)


def test_the_message_of_the_campaign_is_in_the_call_alone(cpts):
    values = {
        "reminders": True,
        "days_before": 0,
        "first_after": 1,
        "second_after": 2,
        "message": "IBAN FR76",
    }
    set_campaign(cpts, YEAR, values, revision=1, by=keeper_of(cpts), now=NOW)
    call(cpts)
    sweep()
    look_at_fees(now=at(DUE_ON + timedelta(days=1)))
    sweep(at(DUE_ON + timedelta(days=1)))

    assert ["IBAN FR76" in sent.body for sent in mail.outbox] == [True, False]


@pytest.mark.parametrize("error", _REFUSALS, ids=lambda error: type(error).__name__)
def test_a_refused_mail_is_tried_again_later_five_times_in_all(cpts, monkeypatch, error):
    notice = call(cpts).notices.get()
    failing(monkeypatch, error)

    for attempt in range(MOST_ATTEMPTS + 2):
        sweep(NOW + attempt * BETWEEN_ATTEMPTS)
        sweep(NOW + attempt * BETWEEN_ATTEMPTS)

    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (NoticeState.FAILED, MOST_ATTEMPTS)


@pytest.mark.parametrize("error", _DOUBTS, ids=lambda error: type(error).__name__)
def test_a_doubt_stays_a_doubt_and_is_never_sent_again(cpts, monkeypatch, error):
    first, second = call(cpts).notices.get(), call(cpts).notices.get()
    with monkeypatch.context() as broken:
        failing(broken, error)
        assert sweep() == 0

    assert sweep() == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (NoticeState.CLAIMED, NoticeState.SENT)


def test_a_server_out_of_reach_leaves_everything_waiting(cpts, monkeypatch):
    notice = call(cpts).notices.get()
    with monkeypatch.context() as broken:
        broken.setattr(delivery, "get_connection", _unreachable)
        assert sweep() == 0

    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (NoticeState.WAITING, 0)


def _unreachable():
    raise ConnectionRefusedError


def test_what_is_paid_meanwhile_is_dropped_and_a_lost_address_goes_on_paper(cpts):
    paid, lost = call(cpts), call(cpts)
    pay(paid)
    lost.member.email = ""
    lost.member.save()

    assert sweep() == 0
    assert steps(paid) == [(FeeStep.CALL, NoticeState.DROPPED)]
    assert steps(lost) == [(FeeStep.CALL, NoticeState.PAPER)]
    assert not mail.outbox


def test_a_notice_that_another_worker_took_is_left_to_it(cpts, monkeypatch):
    notice = call(cpts).notices.get()
    built = fee_mails.mail_of

    def taken(*args, **options):
        FeeNotice.objects.filter(pk=notice.pk).update(state="claimed", attempts=1, tried_at=NOW)
        return built(*args, **options)

    monkeypatch.setattr(fee_mails, "mail_of", taken)

    assert sweep() == 0
    assert not mail.outbox


# The bulk call


def test_the_job_calls_prints_and_sends_once(cpts):
    members = [join(cpts), join(cpts), join(cpts, email="")]
    job = request_calls(cpts, YEAR, None, once="x", by=keeper_of(cpts), now=NOW)

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.progress) == (JobState.DONE, 100)
    assert FeeCall.objects.count() == len(members)
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(member.email for member in members[:2])
    again = request_calls(cpts, YEAR, None, once="y", by=keeper_of(cpts), now=NOW)
    run_job(again.pk)
    assert (FeeCall.objects.count(), len(mail.outbox)) == (3, 2)
    assert AuditEntry.objects.filter(action="members.fee_called").count() == 3


def test_the_job_goes_on_without_who_left_meanwhile(cpts, monkeypatch):
    gone, stays = join(cpts, last_name="A"), join(cpts, last_name="B")
    job = request_calls(cpts, YEAR, None, once="x", by=keeper_of(cpts), now=NOW)
    from members.domain import fee_campaigns

    def call_but(member, *args, **options):
        if member == gone:
            exempt_member(gone, YEAR, "Essai", by=keeper_of(cpts), now=NOW)
        return call_member(member, *args, **options)

    monkeypatch.setattr(fee_campaigns, "call_member", call_but)
    run_job(job.pk)

    assert [made.member for made in FeeCall.objects.all()] == [stays]


def test_a_job_sends_what_waits_in_its_cpts_alone(cpts, other_cpts):
    set_scale_of(other_cpts)
    call(cpts)
    theirs = call(other_cpts)

    run_job(request_mails(cpts, YEAR, now=NOW).pk)

    assert len(mail.outbox) == 1
    assert steps(theirs) == [(FeeStep.CALL, NoticeState.WAITING)]


# Documents


def test_the_call_says_who_pays_what_and_who_decided(cpts):
    made = call(cpts, last_name="Essai", first_name="Zoé")
    job = request_call_pdf(made, now=NOW)
    assert request_call_pdf(made, now=NOW) == job
    run_job(job.pk)

    document = Document.objects.get()
    words, pages = pdf_text(document)
    assert pages == 1
    assert "Zoé Essai" in words
    assert "Appel de cotisation 2026, n° 2026-0001" in words.replace("\u00a0", " ")
    assert "assemblée générale, Résolution 4" in words
    assert "20,00" in words
    assert call_pdf(made, now=NOW) == document
    assert "Essai" not in document.title


def test_the_receipt_says_what_came_in(cpts):
    made = call(cpts)
    pay(made, 25)
    refund_payment(made, 5, date(2026, 3, 2), PaymentMeans.CASH, "Trop", by=keeper_of(cpts), now=NOW)

    run_job(request_receipt(made, now=NOW).pk)
    run_job(request_receipt(made, now=NOW).pk)

    words, _ = pdf_text(Document.objects.get())
    assert "qui est réglée" in words
    assert "Remboursement" in words
    assert "n’ouvre pas droit à une réduction d’impôt" in words
    pay(made, 1)
    run_job(request_receipt(made, now=NOW).pk)
    assert Document.objects.count() == 2


def test_there_is_no_receipt_of_nothing(cpts):
    job = request_receipt(call(cpts), now=NOW)
    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, Document.objects.count()) == (JobState.FAILED, 0)
    assert "Rien n’a été reçu" in job.error


def test_those_without_an_address_are_printed_together(cpts):
    for _ in range(2):
        call(cpts, email="")
    pay(call(cpts, email=""))
    call(cpts)

    run_job(request_print(cpts, YEAR, now=NOW).pk)

    words, pages = pdf_text(Document.objects.get(kind="members.fee_print"))
    assert pages == 2
    assert "2026-0001" in words
    assert "2026-0003" not in words


def test_the_code_of_a_printed_letter_is_that_of_a_document(cpts, client):
    one, other = call(cpts, email=""), call(cpts, email="")
    call_pdf(one, now=NOW)

    run_job(request_print(cpts, YEAR, now=NOW).pk)

    printed = "".join(pdf_text(Document.objects.get(kind="members.fee_print"))[0].split())
    for made in (one, other):
        fingerprint = document_about("members.fee_call", f"fee_call:{made.pk}").fingerprint
        assert fingerprint in printed
        assert client.get(reverse("documents:verified", args=[fingerprint])).status_code == 200


def test_with_nobody_to_print_the_job_says_so(cpts):
    job = request_print(cpts, YEAR, now=NOW)
    run_job(job.pk)

    assert Job.objects.get().state == JobState.FAILED


# Reminders


@pytest.mark.parametrize(
    ("day", "step"),
    [
        (DUE_ON - timedelta(days=16), None),
        (DUE_ON - timedelta(days=15), FeeStep.BEFORE),
        (DUE_ON, FeeStep.BEFORE),
        (DUE_ON + timedelta(days=1), None),
        (DUE_ON + timedelta(days=14), None),
        (DUE_ON + timedelta(days=15), FeeStep.FIRST),
        (DUE_ON + timedelta(days=44), FeeStep.FIRST),
        (DUE_ON + timedelta(days=45), FeeStep.SECOND),
    ],
)
def test_when_each_step_comes(day, step):
    assert due_step(FeeCampaign(), date(2026, 3, 2), DUE_ON, day) == step


def test_each_reminder_is_written_once(cpts):
    made = call(cpts)
    days = [DUE_ON + timedelta(days=shift) for shift in (-20, -15, -14, 0, 15, 16, 45, 90)]

    written = [look_at_fees(now=at(day) + timedelta(hours=hour)) for day in days for hour in (0, 1)]

    assert written == [0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert [step for step, _ in steps(made)] == [
        FeeStep.CALL, FeeStep.BEFORE, FeeStep.FIRST, FeeStep.SECOND,
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="members.fees_reminded").count() == 3


def test_after_a_long_absence_the_last_step_is_sent_alone(cpts):
    made = call(cpts)

    assert look_at_fees(now=at(DUE_ON + timedelta(days=60))) == 1
    assert look_at_fees(now=at(DUE_ON + timedelta(days=61))) == 0
    assert [step for step, _ in steps(made)] == [FeeStep.CALL, FeeStep.SECOND]


def test_the_second_reminder_leaves_time_after_a_late_first_one(cpts):
    call(cpts)
    look_at_fees(now=at(DUE_ON + timedelta(days=40)))

    assert look_at_fees(now=at(DUE_ON + timedelta(days=45))) == 0
    assert look_at_fees(now=at(DUE_ON + timedelta(days=70))) == 1


def test_who_is_never_reminded(cpts):
    paid, cancelled, exempt, suspended, gone, anonymous, partly = (call(cpts) for _ in range(7))
    pay(paid)
    pay(partly, 5)
    cancel_call(cancelled, "Essai", by=keeper_of(cpts), now=NOW)
    exempt_member(exempt.member, YEAR, "Essai", by=keeper_of(cpts), now=NOW)
    Suspension.objects.create(
        membership=suspended.member.last_membership,
        starts_on=date(2026, 3, 3),
        reason="Essai",
        recorded_at=RECORDED,
    )
    membership = gone.member.last_membership
    membership.state, membership.end_ground = MembershipState.ENDED, EndGround.DEATH
    membership.ends_on = date(2026, 4, 1)
    membership.save()
    anonymous.member.anonymised_at = NOW
    anonymous.member.save()

    assert look_at_fees(now=at(DUE_ON + timedelta(days=15))) == 1
    assert FeeNotice.objects.get(step=FeeStep.FIRST).call == partly


def test_a_campaign_without_reminders_sends_none(cpts):
    call(cpts)
    values = {"reminders": False, "days_before": 15, "first_after": 15, "second_after": 45, "message": ""}
    revision = campaign_of(cpts, YEAR).revision
    set_campaign(cpts, YEAR, values, revision=revision, by=keeper_of(cpts), now=NOW)

    assert look_at_fees(now=at(DUE_ON + timedelta(days=15))) == 0


def test_the_reminder_says_what_is_left(cpts):
    pay(call(cpts), "7.50")
    day = at(DUE_ON + timedelta(days=15))
    with time_machine.travel(day, tick=False):
        look_at_fees_task()

    reminder = mail.outbox[-1]
    assert reminder.subject.startswith("Rappel\u00a0: votre cotisation 2026 n’est pas réglée")
    assert "il reste 12,50\u00a0€ à régler" in reminder.body
