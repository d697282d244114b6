"""Administrators and reviewers: who they are, invitations, and the end of their role."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.enums import Role
from core.accounts.domain.invitations import invite_person
from core.accounts.domain.roles import can_be_left, end_role
from core.accounts.forms.people import GuestForm
from core.accounts.models import RoleAssignment
from core.accounts.views.people import send_again, tell
from core.organisations.rules import can_administrate
from core.organisations.views.tenant import actor_of, by_role
from cpts.views.administration import PAGE_SIZE


@require_safe
@by_role(can_administrate)
def administrators(request: HttpRequest) -> HttpResponse:
    """List who administrates the platform."""
    held = RoleAssignment.objects.active().filter(role=Role.ADMINISTRATOR).in_order()
    page = Paginator(held, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "administration/administrators.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def invite_administrator(request: HttpRequest) -> HttpResponse:
    """Invite somebody to administrate the platform."""
    form = GuestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "administration/invite_administrator.html", {"form": form}, status=status)
    invitation = invite_person(
        **form.cleaned_data, role=Role.ADMINISTRATOR, by=actor_of(request), now=timezone.now()
    )
    tell(request, invitation)
    return redirect("administration:administrators")


@require_POST
@by_role(can_administrate)
def resend(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Send the invitation of an administrator or a reviewer again."""
    held = _held(assignment_id)
    send_again(request, held)
    return redirect(_list_of(held))


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def end(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Ask for a confirmation, then end the role of an administrator or a reviewer."""
    held = _held(assignment_id)
    if request.method == "POST":
        end_role(held, by=actor_of(request), now=timezone.now())
        messages.success(request, f"Le rôle de {held.shown_name} a pris fin.")
        return redirect(_list_of(held))
    verdict = can_be_left(held.role, RoleAssignment.objects.alike(held).count())
    context = {"held": held, "verdict": verdict, "back": _list_of(held)}
    return render(request, "administration/end_role.html", context)


def _held(assignment_id: int) -> RoleAssignment:
    """Return a role held outside of any CPTS; those of a CPTS are kept on its own page."""
    outside = RoleAssignment.objects.filter(cpts=None).select_related("user", "institution")
    return get_object_or_404(outside, pk=assignment_id)


def _list_of(held: RoleAssignment) -> str:
    if held.institution_id is None:
        return reverse("administration:administrators")
    return reverse("administration:institution", args=[held.institution_id])
