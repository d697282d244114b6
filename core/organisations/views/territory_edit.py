"""Deciding the territory of a CPTS: composed in the address, looked at, then recorded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.access.verdict import StaleError
from core.organisations.domain.overlaps import overlaps_of_selection
from core.organisations.domain.territories import (
    TerritoryError,
    decide_territory,
    difference,
    propose_territory,
    timeline_of,
)
from core.organisations.forms.territory import TerritoryDraft
from core.organisations.models import Cpts
from core.organisations.rules import can_edit_territory
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.formatting import long_date


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_territory)
def territory_edit(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Compose the territory, look at what it changes, then decide it."""
    sent = request.POST if request.method == "POST" else request.GET
    today = timezone.localdate()
    draft = TerritoryDraft.read(
        sent,
        latest=timeline_of(cpts, today).latest,
        today=today,
        complete=request.method == "POST" or "verifier" in sent,
    )
    if not draft.form.is_bound:
        refused = draft.picker.errors and sent
        return _compose(request, cpts, draft, status=400 if refused else 200)
    if not draft.form.is_valid():
        return _compose(request, cpts, draft, status=400)
    try:
        return _decide(request, cpts, draft) if request.method == "POST" else _confirm(request, cpts, draft)
    except TerritoryError as error:
        draft.form.add_error("effet", str(error))
        return _compose(request, cpts, draft, status=400)
    except StaleError:
        return _compose_again(request, cpts, draft)


def _decide(request: HttpRequest, cpts: Cpts, draft: TerritoryDraft) -> HttpResponse:
    version = decide_territory(
        cpts,
        draft.picker.selection,
        starts_on=draft.form.cleaned_data["effet"],
        by=actor_of(request),
        now=timezone.now(),
        seen=draft.seen,
    )
    messages.success(
        request, f"Territoire enregistré, en vigueur à partir du {long_date(version.starts_on)}."
    )
    return redirect("organisations:territory", cpts.slug)


def _confirm(request: HttpRequest, cpts: Cpts, draft: TerritoryDraft) -> HttpResponse:
    today = timezone.localdate()
    selection, starts_on = draft.picker.selection, draft.form.cleaned_data["effet"]
    proposal = propose_territory(cpts, selection, starts_on=starts_on, today=today, seen=draft.seen)
    context = {
        "cpts": cpts,
        "draft": draft,
        "proposal": proposal,
        "overlaps": overlaps_of_selection(selection, cpts, starts_on=starts_on, day=today),
        "is_past": starts_on < today,
        "is_coming": starts_on > today,
    }
    return render(request, "organisations/territory_confirm.html", context)


def _compose(
    request: HttpRequest, cpts: Cpts, draft: TerritoryDraft, *, status: int, **context: object
) -> HttpResponse:
    shown = {
        "cpts": cpts,
        "draft": draft,
        "picker": draft.picker,
        "seen": draft.seen,
        "ahead": None,
        "difference": None,
    }
    return render(request, "organisations/territory_edit.html", shown | context, status=status)


def _compose_again(request: HttpRequest, cpts: Cpts, draft: TerritoryDraft) -> HttpResponse:
    """Somebody decided another territory meanwhile: show what was composed beside that one."""
    ahead = timeline_of(cpts, timezone.localdate()).latest
    return _compose(
        request,
        cpts,
        draft,
        status=409,
        ahead=ahead,
        seen=ahead.pk if ahead else 0,
        difference=difference(ahead, draft.picker.selection),
    )
