"""Files of payments: brought, then each line confirmed, corrected or set aside."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.actors import Actor
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.formatting import euros
from members.domain.bank_files import confirm_line, import_bank_file, set_line_aside, take_line_back
from members.domain.bank_reading import BankFileError
from members.enums import BankLineState
from members.forms.bank_files import BankFileForm
from members.models import BankFile, BankLine, FeeCall
from members.rules import can_keep_fees, can_see_fees

_PAGE_SIZE = 25
_NUMBER = re.compile(r"([0-9]{4})-?([0-9]{1,6})")


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def bank_files(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for a file and read it; list those that were."""
    form = BankFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["fichier"]
        try:
            bank_file = import_bank_file(
                cpts, file, filename=file.name, by=actor_of(request), now=timezone.now()
            )
            return redirect("members:bank_file", cpts.slug, bank_file.pk)
        except BankFileError as error:
            form.show(error)
    waiting = Count("lines", filter=Q(lines__state=BankLineState.TO_CONFIRM))
    found = BankFile.objects.filter(cpts=cpts).annotate(waiting=waiting).order_by("-imported_at", "-pk")
    context = {
        "cpts": cpts,
        "form": form,
        "page": Paginator(found, _PAGE_SIZE).get_page(request.GET.get("page")),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "members/fees/bank_files.html", context, status=status)


@require_safe
@in_cpts(can_see_fees)
def bank_file(request: HttpRequest, cpts: Cpts, bank_file_id: int) -> HttpResponse:
    """Show the lines of a file that wait, or those of another state."""
    found = get_object_or_404(BankFile, cpts=cpts, pk=bank_file_id)
    counts = dict(
        found.lines.order_by().values_list("state").annotate(count=Count("pk")).values_list("state", "count")
    )
    asked = request.GET.get("etat", BankLineState.TO_CONFIRM)
    state = BankLineState(asked) if asked in BankLineState.values else BankLineState.TO_CONFIRM
    lines = found.lines.filter(state=state).select_related("proposed__member", "payment__call__member")
    context: dict[str, Any] = {
        "cpts": cpts,
        "file": found,
        "state": state,
        "states": [(each, counts.get(each.value, 0)) for each in BankLineState],
        "page": Paginator(lines.order_by("row"), _PAGE_SIZE).get_page(request.GET.get("page")),
        "may_keep": bool(can_keep_fees(actor_of(request), cpts)),
    }
    return render(request, "members/fees/bank_file.html", context)


@require_POST
@in_cpts(can_keep_fees)
def bank_line(request: HttpRequest, cpts: Cpts, bank_line_id: int) -> HttpResponse:
    """Confirm a line on the call whose number was left or typed, set it aside, or take it back."""
    lines = BankLine.objects.filter(cpts=cpts).select_related("cpts", "file")
    line = get_object_or_404(lines, pk=bank_line_id)
    by, action = actor_of(request), request.POST.get("action", "confirmer")
    back_url = reverse("members:bank_file", args=[cpts.slug, line.file_id])
    if action == "ecarter":
        set_line_aside(line, by=by, now=timezone.now())
        messages.success(request, f"Ligne {line.row} écartée.")
    elif action == "reprendre":
        take_line_back(line, by=by, now=timezone.now())
    else:
        _confirm(request, cpts, line, by)
    return redirect(back_url)


def _confirm(request: HttpRequest, cpts: Cpts, line: BankLine, by: Actor) -> None:
    call = _call_numbered(cpts, request.POST.get("appel", ""))
    if call is None:
        messages.error(request, f"Ligne {line.row}\u00a0: donnez le numéro d’un appel, comme 2026-0012.")
        return
    try:
        confirm_line(line, call, by=by, now=timezone.now())
        messages.success(request, f"{euros(line.amount)} enregistrés pour {call.member.name}, appel {call}.")
    except ValidationError as error:
        messages.error(request, f"Ligne {line.row}\u00a0: {' '.join(error.messages)}")


def _call_numbered(cpts: Cpts, typed: str) -> FeeCall | None:
    match = _NUMBER.fullmatch(typed.strip())
    if match is None:
        return None
    calls = FeeCall.objects.calls().filter(cpts=cpts, year=int(match[1]), number=int(match[2]))
    return calls.select_related("cpts", "member").first()
