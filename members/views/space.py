"""A member's own space: what is kept about them, correcting how to reach them, their data, leaving."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.verdict import StaleError
from core.accounts.models import User
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from members.domain.anonymisation import KEPT_YEARS
from members.domain.leaving import leave, membership_to_leave
from members.domain.members import places_of, places_told, update_member
from members.domain.own_space import entry_to_take, own_entry, take_entry
from members.domain.personal_data import READ_FIRST, personal_data, take_own_data
from members.enums import EXPECTING
from members.forms.space import LeavingForm, OwnContactForm
from members.forms.verbs import show_refusals
from members.models import FeeCall, Member
from members.rules import can_have_space
from members.views.membership_panel import membership_panel
from members.views.privacy import as_json
from members.views.space_access import in_own_space

_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@in_cpts(can_have_space)
def space(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show the visitor's own sheet, memberships and fees; to who has no entry yet, the one to take."""
    entry = own_entry(cpts.pk, actor_of(request).user_id)
    if entry is None:
        found = entry_to_take(cpts, cast("User", request.user))
        return render(request, "members/space/none.html", {"cpts": cpts, "entry": found})
    context: dict[str, Any] = {
        "cpts": cpts,
        "member": entry,
        "places": places_told(places_of(entry)) if entry.is_person else [],
        "calls": own_calls(entry),
        "can_leave": membership_to_leave(entry) is not None,
        "kept_years": KEPT_YEARS,
    }
    context |= membership_panel(request, cpts, entry)
    # What the association decides about somebody is done from their sheet, not from here.
    context |= {"membership_actions": [], "may_see_removals": False}
    return render(request, "members/space/space.html", context)


@require_POST
@in_cpts(can_have_space)
def space_take(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Tie the visitor's account to the entry of their address."""
    try:
        take_entry(cpts, cast("User", request.user), by=actor_of(request), now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("members:space", cpts.slug)


@require_http_methods(_METHODS)
@in_own_space
def space_contact(request: HttpRequest, cpts: Cpts, entry: Member) -> HttpResponse:
    """Correct the address and the telephone of one's own entry, written at once."""
    if request.method != "POST":
        return _contact_page(request, entry, OwnContactForm(entry=entry))
    form = OwnContactForm(request.POST, entry=entry)
    if not form.is_valid():
        return _contact_page(request, entry, form, status=400)
    revision = form.cleaned_data["revision"]
    try:
        update_member(entry, form.values(), revision=revision, by=actor_of(request), now=timezone.now())
    except StaleError:
        return _stale_contact(request, entry, form)
    except ValidationError as error:
        show_refusals(form, error)
        return _contact_page(request, entry, form, status=400)
    messages.success(request, "Vos coordonnées sont enregistrées.")
    return redirect("members:space", cpts.slug)


@require_safe
@in_own_space
def space_data(request: HttpRequest, cpts: Cpts, entry: Member) -> HttpResponse:
    """Show all that is kept about the visitor."""
    sections = personal_data(entry, without=READ_FIRST)
    return render(request, "members/space/data.html", {"cpts": cpts, "member": entry, "sections": sections})


@require_POST
@in_own_space
def space_data_file(request: HttpRequest, cpts: Cpts, entry: Member) -> HttpResponse:
    """Give all that is kept about the visitor as a file, and say so in the journal."""
    now = timezone.now()
    sections = take_own_data(entry, by=actor_of(request), now=now)
    name = f"mes-donnees-{cpts.slug}-{timezone.localdate(now):%Y-%m-%d}"
    return attachment(as_json(sections), name, "json")


@require_safe
@in_own_space
def space_leave(request: HttpRequest, cpts: Cpts, entry: Member) -> HttpResponse:
    """Say what leaving ends, and ask from when."""
    form = LeavingForm(initial={"ends_on": timezone.localdate()})
    return _leaving_page(request, entry, form, template="leave.html")


@require_http_methods(_METHODS)
@in_own_space
def space_leave_confirm(request: HttpRequest, cpts: Cpts, entry: Member) -> HttpResponse:
    """Say again from when one leaves, then do it."""
    form = LeavingForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _leaving_page(request, entry, form, template="leave.html", status=400)
    if request.method != "POST":
        return _leaving_page(request, entry, form, template="leave_confirm.html")
    try:
        leave(entry, form.cleaned_data["ends_on"], by=actor_of(request), now=timezone.now())
    except StaleError as error:
        messages.warning(request, str(error))
        return redirect("members:space", cpts.slug)
    except ValidationError as error:
        form.show(error)
        return _leaving_page(request, entry, form, template="leave.html", status=400)
    messages.success(request, "Votre démission est enregistrée, et la coordination en est prévenue.")
    return redirect("members:space", cpts.slug)


def own_calls(entry: Member) -> list[FeeCall]:
    """Return the calls of an entry, and of those united to it, the latest first. One query."""
    calls = FeeCall.objects.of(entry).with_state(timezone.localdate())
    return list(calls.order_by("-year", "-number"))


def _contact_page(
    request: HttpRequest,
    entry: Member,
    form: OwnContactForm,
    *,
    conflicts: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"cpts": entry.cpts, "form": form, "conflicts": conflicts}
    return render(request, "members/space/contact.html", context, status=status)


def _stale_contact(request: HttpRequest, entry: Member, form: OwnContactForm) -> HttpResponse:
    """Show what was typed again, on the present revision, beside what somebody else wrote."""
    entry.refresh_from_db()
    typed = request.POST.copy()
    typed["revision"] = str(entry.revision)
    again = OwnContactForm(typed, entry=entry)
    return _contact_page(request, entry, again, conflicts=form.conflicts(entry), status=409)


def _leaving_page(
    request: HttpRequest, entry: Member, form: LeavingForm, *, template: str, status: int = 200
) -> HttpResponse:
    context = {
        "cpts": entry.cpts,
        "form": form,
        "can_leave": membership_to_leave(entry) is not None,
        "owed": [each for each in own_calls(entry) if each.state in EXPECTING],  # type: ignore[attr-defined]
        "kept_years": KEPT_YEARS,
    }
    return render(request, f"members/space/{template}", context, status=status)
