"""The fees of one member: their panel in the sheet, calling them alone, exempting them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.fee_calls import call_member, exempt_member, withdraw_exemption
from members.domain.fee_campaigns import request_mails
from members.enums import FeeState
from members.forms.fees import ReasonForm
from members.models import FeeCall, FeeExemption, Member
from members.rules import can_keep_fees, can_see_fees
from members.views.fee_calls import reason_page
from members.views.fees import year_of


def fee_panel(request: HttpRequest, cpts: Cpts, member: Member) -> dict[str, Any]:
    """Return what `members/fees/_panel.html` shows of a member; nothing to who may not see fees. Two queries.

    Calls made under an entry merged into this one are shown too.
    """
    actor, today = actor_of(request), timezone.localdate()
    if not can_see_fees(actor, cpts):
        return {"fee_panel": None}
    calls = FeeCall.objects.of(member).with_state(today).select_related("scale")
    exemptions = FeeExemption.objects.in_force().filter(member=member).order_by("-year")
    shown, exempted = list(calls.order_by("-year", "-number")), list(exemptions)
    panel = {
        "year": today.year,
        "calls": shown,
        "exemptions": exempted,
        "is_called": any(call.year == today.year and call.state != FeeState.CANCELLED for call in shown),  # type: ignore[attr-defined]
        "is_exempt": any(each.year == today.year for each in exempted),
        "may_keep": bool(can_keep_fees(actor, cpts)) and member.anonymised_at is None,
    }
    return {"fee_panel": panel}


@require_POST
@in_cpts(can_keep_fees)
def fee_call_one(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Call one member for a year, and send it."""
    member = _member(cpts, member_id)
    year, _ = year_of(request)
    now = timezone.now()
    try:
        call = call_member(member, year, by=actor_of(request), now=now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(member.get_absolute_url())
    request_mails(cpts, year, now=now)
    messages.success(request, f"La cotisation {year} de {member.name} est appelée.")
    return redirect("members:fee_call", cpts.slug, call.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_exempt(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Ask why a member owes nothing for a year, and let it be so."""
    member = _member(cpts, member_id)
    year, _ = year_of(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].help_text = "Qui l’a décidé, et pourquoi. Aucune donnée de santé."
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        exempt_member(member, year, reason, by=actor_of(request), now=timezone.now())
        messages.success(request, f"{member.name} est exempté de cotisation pour {year}.")
        return redirect(member.get_absolute_url())
    words = {
        "title": "Exempter de cotisation",
        "heading": f"Exempter {member.name} de la cotisation {year}",
        "explanation": "Une personne exemptée n’est jamais en retard et ne reçoit pas de relance.",
        "button": "Exempter",
    }
    return reason_page(request, form, words, back_url=member.get_absolute_url())


@require_POST
@in_cpts(can_keep_fees)
def fee_exemption_withdraw(request: HttpRequest, cpts: Cpts, exemption_id: int) -> HttpResponse:
    """Take an exemption back."""
    rows = FeeExemption.objects.filter(member__cpts=cpts).select_related("member")
    exemption = get_object_or_404(rows, pk=exemption_id)
    exemption.member.cpts = cpts
    withdraw_exemption(exemption, by=actor_of(request), now=timezone.now())
    messages.success(request, f"L’exemption de {exemption.year} est retirée.")
    return redirect(exemption.member.get_absolute_url())


def _member(cpts: Cpts, member_id: int) -> Member:
    member: Member = get_object_or_404(Member, cpts=cpts, pk=member_id, merged_into=None)
    member.cpts = cpts
    return member
