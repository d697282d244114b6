"""Scales of fees and reminders of a year."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.fee_listing import years_of
from members.domain.fee_scales import campaign_of, set_campaign, set_scale
from members.forms.fees import CampaignForm, ScaleForm, initial_scale
from members.models import FeeScale
from members.rules import can_keep_fees, can_see_fees
from members.views.fees import fees_url, year_of


@require_safe
@in_cpts(can_see_fees)
def fee_scales(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show what members pay for a year, and what was replaced."""
    year, today = year_of(request)
    scales = FeeScale.objects.filter(cpts=cpts, year=year).select_related("college")
    scales = scales.annotate(was_replaced=Q(replaced_by__isnull=False))
    context = {
        "cpts": cpts,
        "year": year,
        "years": years_of(cpts, today.year, today.year + 1, year),
        "scales": list(scales.order_by("category", "kind", "college", "-pk")),
        "may_keep": bool(can_keep_fees(actor_of(request), cpts)),
    }
    return render(request, "members/fees/scales.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_scale_add(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask what the assembly decided, and record it."""
    year, _ = year_of(request)
    initial = initial_scale(_replaced(request, cpts), year=year)
    form = ScaleForm(request.POST if request.method == "POST" else None, cpts=cpts, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            scale = set_scale(cpts, form.cleaned_data, by=actor_of(request), now=timezone.now())
            messages.success(request, f"Le barème «\u00a0{scale}\u00a0» de {scale.year} est enregistré.")
            return redirect(f"{reverse('members:fee_scales', args=[cpts.slug])}?annee={scale.year}")
        except ValidationError as error:
            form.show(error)
    context = {"cpts": cpts, "form": form, "year": year}
    status = 400 if request.method == "POST" else 200
    return render(request, "members/fees/scale_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_fees)
def fee_campaign(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask how the fees of a year are reminded."""
    year, _ = year_of(request)
    campaign = campaign_of(cpts, year)
    form = CampaignForm(request.POST if request.method == "POST" else None, campaign=campaign)
    status = 400 if request.method == "POST" else 200
    conflicts = None
    if request.method == "POST" and form.is_valid():
        try:
            revision = form.cleaned_data["revision"]
            set_campaign(
                cpts, year, form.values(), revision=revision, by=actor_of(request), now=timezone.now()
            )
            messages.success(request, f"Les relances de {year} sont réglées.")
            return redirect(fees_url(cpts, year))
        except ValidationError as error:
            form.show(error)
        except StaleError:
            campaign = campaign_of(cpts, year)
            status, conflicts = 409, form.conflicts(campaign)
    context = {
        "cpts": cpts,
        "year": year,
        "form": form,
        "conflicts": conflicts,
        "revision": campaign.revision,
        "back_url": fees_url(cpts, year),
    }
    return render(request, "members/fees/campaign.html", context, status=status)


def _replaced(request: HttpRequest, cpts: Cpts) -> FeeScale | None:
    """The scale of the address, whose values the form starts from; 404 for one that is not there."""
    asked = request.GET.get("bareme", "")
    if not asked:
        return None
    key = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    return get_object_or_404(FeeScale, cpts=cpts, pk=key)
