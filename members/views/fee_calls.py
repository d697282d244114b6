"""Calling fees: who would be called, then the job; and one call with what happened to it."""

from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.fee_calls import Candidate, NotCalled, cancel_call, candidates
from members.domain.fee_campaigns import request_calls
from members.domain.fee_pdf import request_call_pdf, request_print, request_receipt
from members.enums import MemberCategory
from members.forms.fees import ReasonForm
from members.models import FeeCall, FeeExemption
from members.rules import can_keep_fees, can_see_fees
from members.views.fees import fees_url, year_of

_SHOWN = 200
"""Rows of a long preview that are listed; the rest is counted."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def call_fees(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show who would be called for a year and how much, who would not and why; then call them."""
    year, today = year_of(request)
    found = candidates(cpts, year, day=today)
    asked = [each for each in found if each.asked]
    if request.method == "POST" and asked:
        job = request_calls(cpts, year, None, once=_once(request), by=actor_of(request), now=timezone.now())
        return redirect("jobs:detail", job.pk)
    left_out = [each for each in found if not each.asked]
    context = {
        "cpts": cpts,
        "year": year,
        "asked": asked[:_SHOWN],
        "asked_count": len(asked),
        "hidden_count": max(0, len(asked) - _SHOWN),
        "total": sum((each.asked.amount for each in asked if each.asked), start=Decimal(0)),
        "by_category": _by_category(asked),
        "without_email": sum(not each.member.email for each in asked),
        # Those called already are counted, and in the list of calls.
        "left_out": [each for each in left_out if each.why_not != NotCalled.ALREADY][:_SHOWN],
        "left_out_count": len(left_out),
        "reasons": Counter(each.why_not for each in left_out).most_common(),
        "once": uuid4(),
    }
    return render(request, "members/fees/call.html", context, status=400 if request.method == "POST" else 200)


@require_safe
@in_cpts(can_see_fees)
def fee_call(request: HttpRequest, cpts: Cpts, call_id: int) -> HttpResponse:
    """Show one call: what was asked, what came in, what was told."""
    call = call_or_404(cpts, call_id)
    payments = call.payments.annotate(was_cancelled=Q(cancelled_by__isnull=False))
    exemption = FeeExemption.objects.in_force().filter(member=call.member_id, year=call.year).first()
    context = {
        "cpts": cpts,
        "call": call,
        "payments": list(payments.order_by("pk")),
        "notices": list(call.notices.order_by("created_at", "pk")),
        "cancellation": FeeCall.objects.filter(cancels=call).first(),
        "exemption": exemption,
        "may_keep": bool(can_keep_fees(actor_of(request), cpts)),
        "back_url": fees_url(cpts, call.year),
    }
    return render(request, "members/fees/fee_call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_call_cancel(request: HttpRequest, cpts: Cpts, call_id: int) -> HttpResponse:
    """Ask why a call is taken back, and take it back."""
    call = call_or_404(cpts, call_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_call(call, form.cleaned_data["reason"], by=actor_of(request), now=timezone.now())
            messages.success(
                request, f"L’appel {call} est annulé. {call.member.name} peut être appelé de nouveau."
            )
            return redirect(call_url(cpts, call))
        except ValidationError as error:
            form.show(error)
    words = {
        "title": "Annuler un appel",
        "heading": f"Annuler l’appel {call} de {call.member.name}",
        "explanation": "Rien ne s’efface\u00a0: l’appel reste dans la liste, marqué annulé.",
        "button": "Annuler cet appel",
    }
    return reason_page(request, form, words, back_url=call_url(cpts, call))


@require_POST
@in_cpts(can_see_fees)
def fee_call_pdf(request: HttpRequest, cpts: Cpts, call_id: int) -> HttpResponse:
    """Ask a worker for the PDF of a call."""
    job = request_call_pdf(call_or_404(cpts, call_id), now=timezone.now())
    return redirect("jobs:detail", job.pk)


@require_POST
@in_cpts(can_see_fees)
def fee_receipt(request: HttpRequest, cpts: Cpts, call_id: int) -> HttpResponse:
    """Ask a worker for the receipt of what came in for a call."""
    job = request_receipt(call_or_404(cpts, call_id), now=timezone.now())
    return redirect("jobs:detail", job.pk)


@require_POST
@in_cpts(can_keep_fees)
def fee_print(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask a worker for the calls to print, those of members without an address."""
    year, _ = year_of(request)
    job = request_print(cpts, year, now=timezone.now())
    return redirect("jobs:detail", job.pk)


def call_or_404(cpts: Cpts, call_id: int) -> Any:
    """Return a call of a CPTS with its state today; the rows that cancel have no page."""
    calls = FeeCall.objects.calls().filter(cpts=cpts).with_state(timezone.localdate())
    call = get_object_or_404(calls.select_related("member", "scale__college"), pk=call_id)
    call.cpts = call.member.cpts = cpts
    return call


def call_url(cpts: Cpts, call: FeeCall) -> str:
    """Return the address of a call."""
    return reverse("members:fee_call", args=[cpts.slug, call.pk])


def reason_page(
    request: HttpRequest, form: ReasonForm, words: dict[str, str], *, back_url: str
) -> HttpResponse:
    """Return the page that asks why."""
    context = {"form": form, "back_url": back_url} | words
    return render(
        request, "members/fees/reason.html", context, status=400 if request.method == "POST" else 200
    )


def _once(request: HttpRequest) -> str:
    """The number of the form, a new one when it holds none that is possible."""
    try:
        return str(UUID(request.POST.get("once", "")))
    except ValueError:
        return str(uuid4())


def _by_category(asked: list[Candidate]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for each in asked:
        if each.asked:
            row = rows.setdefault(each.category, {"count": 0, "amount": Decimal(0)})
            row["count"] += 1
            row["amount"] += each.asked.amount
    return [{"label": MemberCategory(category).label} | row for category, row in rows.items()]
