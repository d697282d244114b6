"""The PDFs of fees: a call each, those without an address together, a receipt on demand."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.audit.domain.fingerprints import fingerprint_of
from core.documents.domain.documents import document_about, document_link, store_document
from core.documents.domain.fingerprints import verification_url
from core.documents.domain.rendering import render_pdf
from core.documents.models import Document
from core.jobs.domain.jobs import enqueue_job
from core.jobs.errors import JobError
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from core.organisations.domain.followers import open_under
from core.organisations.models import Cpts
from members.documents.fees import call_context, print_context, receipt_context
from members.domain.fee_calls import received
from members.domain.fee_scales import campaign_of
from members.enums import NoticeState
from members.models import FeeCall
from members.rules import can_see_fees

CALL_KIND, PRINT_KIND, RECEIPT_KIND = "members.fee_call", "members.fee_print", "members.fee_receipt"
KEEP_FOR = timedelta(days=3653)
"""Ten years, as accounting pieces are kept (domain reference, section 8)."""
PRINT_KEEP_FOR = timedelta(days=30)
_NOBODY = "Aucun appel n’attend d’être imprimé."


def call_pdf(call: FeeCall, *, now: datetime) -> Document:
    """Return the PDF of a call, made the first time it is asked for and kept as accounts are."""
    subject = f"fee_call:{call.pk}"
    if document := document_about(CALL_KIND, subject):
        return document
    pdf = render_pdf(
        "members/fees/pdf/call.html",
        _call_context(call, _call_fingerprint(call)),
        title=f"Appel de cotisation {call}",
        author=call.cpts.name,
        created=now,
    )
    try:
        return store_document(
            job=None,
            kind=CALL_KIND,
            title=f"Appel de cotisation {call}",
            pdf=pdf,
            filename=f"appel-cotisation-{call}.pdf",
            fingerprint=_call_fingerprint(call),
            now=now,
            expires_at=now + KEEP_FOR,
            cpts=call.cpts,
            subject=subject,
        )
    except IntegrityError:
        # Another worker stored it meanwhile.
        return Document.objects.get(kind=CALL_KIND, subject=subject)


def _call_fingerprint(call: FeeCall, received_rows: tuple[int, ...] = ()) -> str:
    """The fingerprint of what a call says, and of the payments that its receipt lists."""
    told = {
        "cpts": call.cpts_id,
        "member": call.member_id,
        "number": str(call),
        "amount": str(call.amount),
        "entry_fee": str(call.entry_fee),
        "due_on": str(call.due_on),
        "payments": list(received_rows),
    }
    return fingerprint_of(told)


def _call_context(call: FeeCall, fingerprint: str) -> dict[str, object]:
    return call_context(
        call,
        message=campaign_of(call.cpts, call.year).message,
        fingerprint=fingerprint,
        verification_url=verification_url(fingerprint),
    )


def request_call_pdf(call: FeeCall, *, now: datetime) -> Job:
    """Queue the PDF of one call in the caller's transaction, and return its job: always the same one."""
    return _requested(CALL_KIND, call, f"{CALL_KIND}:{call.pk}", now=now)


def request_receipt(call: FeeCall, *, now: datetime) -> Job:
    """Queue the receipt of what was received for a call so far, and return its job: one for each payment."""
    last = call.payments.order_by("-pk").values_list("pk", flat=True).first()
    return _requested(RECEIPT_KIND, call, f"{RECEIPT_KIND}:{call.pk}:{last}", now=now)


def request_print(cpts: Cpts, year: int, *, now: datetime) -> Job:
    """Queue the calls of a year to print for members without an address; the same calls are one document."""
    calls = [_call_fingerprint(call) for call in to_print(cpts, year)]
    digest = fingerprint_of({"revision": campaign_of(cpts, year).revision, "calls": calls})[:32]
    return enqueue_job(
        PRINT_KIND,
        payload={"cpts": cpts.pk, "year": year},
        requester="",
        now=now,
        keep_for=PRINT_KEEP_FOR,
        unique_key=f"{PRINT_KIND}:{cpts.pk}:{year}:{digest}",
    )


def _requested(kind: str, call: FeeCall, key: str, *, now: datetime) -> Job:
    payload = {"cpts": call.cpts_id, "year": call.year, "call": call.pk}
    return enqueue_job(kind, payload=payload, requester="", now=now, keep_for=KEEP_FOR, unique_key=key)


def _call_of(job: Job) -> FeeCall:
    found = FeeCall.objects.select_related("cpts", "member", "scale__college")
    return found.get(pk=job.payload["call"])


def make_call_pdf(job: Job, report: Report) -> None:
    """Print one call; nothing when its PDF is there."""
    report(20, "Mise en page de l’appel")
    call_pdf(_call_of(job), now=timezone.now())


def make_receipt(job: Job, report: Report) -> None:
    """Print what was received for a call up to now; JobError when nothing was."""
    call, now = _call_of(job), timezone.now()
    rows = list(call.payments.order_by("pk"))
    subject = _receipt_subject(call, rows[-1].pk if rows else 0)
    total = received(call)
    if not total:
        raise JobError("Rien n’a été reçu pour cet appel\u00a0: il n’y a pas de reçu à établir.")
    if document_about(RECEIPT_KIND, subject):
        return
    report(40, "Mise en page du reçu")
    fingerprint = _call_fingerprint(call, tuple(row.pk for row in rows))
    title = f"Reçu de cotisation {call}"
    context = receipt_context(
        call,
        rows,
        total,
        day=timezone.localdate(now),
        fingerprint=fingerprint,
        verification_url=verification_url(fingerprint),
    )
    pdf = render_pdf(
        "members/fees/pdf/receipt.html", context, title=title, author=call.cpts.name, created=now
    )
    store_document(
        job=job,
        kind=RECEIPT_KIND,
        title=title,
        pdf=pdf,
        filename=f"recu-cotisation-{call}.pdf",
        fingerprint=fingerprint,
        now=now,
        expires_at=job.expires_at,
        cpts=call.cpts,
        subject=subject,
    )


def _receipt_subject(call: FeeCall, last: int) -> str:
    return f"fee_receipt:{call.pk}:{last}"


def make_print(job: Job, report: Report) -> None:
    """Print in one document the calls of members without an address that still expect money."""
    cpts, year, now = Cpts.objects.get(pk=job.payload["cpts"]), job.payload["year"], timezone.now()
    calls = list(to_print(cpts, year))
    if not calls:
        raise JobError(_NOBODY)
    title = f"Appels de cotisation {year} à imprimer"
    context = print_context(list(_letters(calls, report, now=now)))
    pdf = render_pdf("members/fees/pdf/print.html", context, title=title, author=cpts.name, created=now)
    store_document(
        job=job,
        kind=PRINT_KIND,
        title=title,
        pdf=pdf,
        filename=f"appels-cotisation-{year}.pdf",
        fingerprint=hashlib.sha256(pdf).hexdigest(),
        now=now,
        expires_at=job.expires_at,
        cpts=cpts,
    )


def _letters(calls: Sequence[FeeCall], report: Report, *, now: datetime) -> Iterator[dict[str, object]]:
    """Yield what each letter prints: the code on it is that of the call's own PDF, which is kept."""
    for done, call in enumerate(calls):
        report(80 * done // len(calls), f"Appel {done + 1} sur {len(calls)}")
        yield _call_context(call, call_pdf(call, now=now).fingerprint)


def to_print(cpts: Cpts, year: int) -> QuerySet[FeeCall]:
    """Return the calls that expect money of members without an address, by name."""
    calls = FeeCall.objects.standing().filter(
        cpts=cpts, year=year, notices__state=NoticeState.PAPER, member__email=""
    )
    expecting = calls.with_sums().filter(Q(remaining__gt=0), member__anonymised_at=None)
    found = expecting.select_related("cpts", "member", "scale__college")
    return found.order_by("member__sort_name", "pk").distinct()


def _call_link(job: Job) -> tuple[str, str]:
    document = document_about(CALL_KIND, f"fee_call:{job.payload['call']}")
    return ("Télécharger l’appel", document.get_absolute_url()) if document else _back_to_call(job)


def _receipt_link(job: Job) -> tuple[str, str]:
    document = Document.objects.filter(job=job).first()
    return ("Télécharger le reçu", document.get_absolute_url()) if document else _back_to_call(job)


def _back_to_call(job: Job) -> tuple[str, str]:
    slug = Cpts.objects.get(pk=job.payload["cpts"]).slug
    return "Revenir à la cotisation", reverse("members:fee_call", args=[slug, job.payload["call"]])


def back_to_fees(job: Job) -> tuple[str, str]:
    """Return the label and the address of the fees of the year of a job."""
    slug = Cpts.objects.get(pk=job.payload["cpts"]).slug
    address = reverse("members:fees", args=[slug])
    return "Revenir aux cotisations", f"{address}?annee={job.payload['year']}"


is_open_to = open_under(can_see_fees)
"""Whether somebody may follow a job about fees."""

CALL_PDF = JobKind(CALL_KIND, "PDF de l’appel", make_call_pdf, _call_link, _back_to_call, is_open_to)
RECEIPT_PDF = JobKind(
    RECEIPT_KIND, "Reçu de cotisation", make_receipt, _receipt_link, _back_to_call, is_open_to
)
PRINT_PDF = JobKind(PRINT_KIND, "Appels à imprimer", make_print, document_link, back_to_fees, is_open_to)
