"""Payments of a call: what came in, what went back, what was a mistake."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.formatting import euros
from members.domain.fee_payments import cancel_payment, record_payment, refund_payment
from members.forms.fees import PaymentForm, ReasonForm, RefundForm
from members.models import FeePayment
from members.rules import can_keep_fees
from members.views.fee_calls import call_or_404, call_url, reason_page


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_pay(request: HttpRequest, cpts: Cpts, call_id: int) -> HttpResponse:
    """Ask what came in for a call, and record it."""
    call = call_or_404(cpts, call_id)
    initial: dict[str, Any] = {"paid_on": timezone.localdate()}
    if call.remaining > 0:
        initial["amount"] = call.remaining
    form = PaymentForm(request.POST if request.method == "POST" else None, initial=initial)
    words = {"title": "Noter un règlement", "button": "Enregistrer le règlement"}

    def write(typed: dict[str, Any]) -> str:
        payment = record_payment(call, **typed, by=actor_of(request), now=timezone.now())
        return f"Règlement de {euros(payment.amount)} enregistré."

    return _answer(request, cpts, call, form, words, write)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_refund(request: HttpRequest, cpts: Cpts, call_id: int) -> HttpResponse:
    """Ask what went back to the member, and record it."""
    call = call_or_404(cpts, call_id)
    initial: dict[str, Any] = {"paid_on": timezone.localdate()}
    if call.remaining < 0:
        initial["amount"] = -call.remaining
    form = RefundForm(request.POST if request.method == "POST" else None, initial=initial)
    words = {"title": "Noter un remboursement", "button": "Enregistrer le remboursement"}

    def write(typed: dict[str, Any]) -> str:
        payment = refund_payment(call, **typed, by=actor_of(request), now=timezone.now())
        return f"Remboursement de {euros(-payment.amount)} enregistré."

    return _answer(request, cpts, call, form, words, write)


def _answer(
    request: HttpRequest,
    cpts: Cpts,
    call: Any,
    form: PaymentForm | RefundForm,
    words: dict[str, str],
    write: Callable[[dict[str, Any]], str],
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, write(form.cleaned_data))
            return redirect(call_url(cpts, call))
        except ValidationError as error:
            form.show(error)
    context = {"cpts": cpts, "call": call, "form": form, "back_url": call_url(cpts, call)} | words
    status = 400 if request.method == "POST" else 200
    return render(request, "members/fees/payment.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_payment_cancel(request: HttpRequest, cpts: Cpts, payment_id: int) -> HttpResponse:
    """Ask why a payment or a refund is taken back, and take it back."""
    rows = FeePayment.objects.filter(call__cpts=cpts, cancels=None).select_related("call__member")
    payment = get_object_or_404(rows, pk=payment_id)
    payment.call.cpts = cpts
    back_url = call_url(cpts, payment.call)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_payment(payment, form.cleaned_data["reason"], by=actor_of(request), now=timezone.now())
            messages.success(request, "Cette ligne est annulée.")
            return redirect(back_url)
        except ValidationError as error:
            form.show(error)
    words = {
        "title": "Annuler un règlement",
        "heading": f"Annuler {euros(payment.amount)} de {payment.call.member.name}",
        "explanation": "Rien ne s’efface\u00a0: la ligne reste, et une écriture inverse s’y ajoute.",
        "button": "Annuler cette ligne",
    }
    return reason_page(request, form, words, back_url=back_url)
