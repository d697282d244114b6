"""Receipts: what came in on the account, written down by the treasurer, taken back when it was a mistake."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.formatting import euros
from funding.domain.followed_lines import FollowedDueDate, followed_due_dates
from funding.domain.receipts import ReceiptError, cancel_receipt, record_receipt
from funding.forms.receipts import CancellationForm, ReceiptForm
from funding.models import Receipt
from funding.rules import can_record_receipt, can_see_schedule
from funding.views.contract_schedule import (
    ContractSchedule,
    chosen_contract,
    contracts_of,
    load_schedule,
)
from funding.views.schedule import may_record, nothing_yet

BY_PAGE = 25
STALE = "L’échéancier vient d’être recalculé\u00a0: vérifiez les lignes, puis enregistrez de nouveau."


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_record_receipt)
def receive(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Tick the lines that a payment settles, and record it; 400 when refused, 409 when stale."""
    followed = load_schedule(request, cpts)
    if followed is None:
        return nothing_yet(request, cpts)
    due_dates = followed_due_dates(followed.lines)
    shown = _asked(request, due_dates)
    form = ReceiptForm(request.POST or None, lines=followed.lines, shown=shown, today=followed.today)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            return _recorded(request, followed, form)
        except ReceiptError as error:
            form.show(error)
        except StaleError:
            form.add_error(None, STALE)
            status = 409
    context = {
        "cpts": cpts,
        "contract": followed.contract,
        "form": form,
        "others": _others(followed, due_dates, shown),
        "is_all_received": not any(due.pending for due in due_dates),
    }
    return render(request, "schedule/receive.html", context, status=status)


@require_safe
@in_cpts(can_see_schedule)
def receipts(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the receipts of a contract, the latest first, those that were cancelled with the reason."""
    contracts = contracts_of(cpts)
    contract = chosen_contract(request, contracts)
    found = Receipt.objects.filter(contract=contract, cancels=None).order_by("-received_on", "-pk")
    found = found.select_related("cancelled_by").prefetch_related("lines__line")
    page = Paginator(found, BY_PAGE).get_page(request.GET.get("page"))
    context = {
        "cpts": cpts,
        "contract": contract,
        "contracts": contracts,
        "page": page,
        "rows": [_row(receipt) for receipt in page],
        "may_record": may_record(request, cpts),
    }
    return render(request, "schedule/receipts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_record_receipt)
def receipt_cancel(request: HttpRequest, cpts: Cpts, receipt_id: int) -> HttpResponse:
    """Ask why a receipt is taken back, and take it back; once, however often it is asked."""
    standing = Receipt.objects.filter(contract__cpts=cpts, cancels=None).select_related("contract")
    receipt = get_object_or_404(standing, pk=receipt_id)
    back_url = f"{reverse('contract:receipts', args=[cpts.slug])}?contrat={receipt.contract_id}"
    form = CancellationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_receipt(receipt, form.cleaned_data["raison"], by=actor_of(request), now=timezone.now())
            messages.success(request, "Versement annulé. Ses lignes sont de nouveau à encaisser.")
            return redirect(back_url)
        except ReceiptError as error:
            form.show(error)
    context = {"receipt": receipt, "form": form, "back_url": back_url}
    status = 400 if request.method == "POST" else 200
    return render(request, "schedule/receipt_cancel.html", context, status=status)


def _recorded(request: HttpRequest, followed: ContractSchedule, form: ReceiptForm) -> HttpResponse:
    typed = form.cleaned_data
    receipt = record_receipt(
        followed.contract,
        typed["lignes"],
        typed["recu_le"],
        typed["reference"],
        by=actor_of(request),
        now=timezone.now(),
    )
    messages.success(request, f"Versement de {euros(receipt.amount)} enregistré.")
    return redirect(followed.page("schedule"))


def _asked(request: HttpRequest, due_dates: Sequence[FollowedDueDate]) -> list[FollowedDueDate]:
    """The due dates of the address, else the first with money to come; 404 on a day with nothing due."""
    asked = request.GET.getlist("echeance")
    if not asked:
        return [due for due in due_dates if due.pending][:1]
    known = {str(due.day): due for due in due_dates}
    if not known.keys() >= set(asked):
        raise Http404("Aucune échéance ce jour-là.")
    return [due for day, due in known.items() if day in asked]


def _others(
    followed: ContractSchedule, due_dates: Sequence[FollowedDueDate], shown: Sequence[FollowedDueDate]
) -> list[dict[str, Any]]:
    """The other due dates with money to come: alone, or besides those shown."""
    days = [due.day for due in shown if due.pending]
    return [
        {
            "due": due,
            "alone": followed.page("receive", echeance=[due.day]),
            "besides": followed.page("receive", echeance=[*days, due.day]) if days else "",
        }
        for due in due_dates
        if due.pending and due.day not in days
    ]


def _row(receipt: Receipt) -> dict[str, Any]:
    lines = [each.line for each in receipt.lines.all()]
    return {
        "receipt": receipt,
        "lines": lines,
        "due_dates": sorted({line.due_on for line in lines}),
        "cancellation": getattr(receipt, "cancelled_by", None),
    }
