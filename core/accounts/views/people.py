"""The people of a CPTS: who holds which role, invitations, and the end of a role."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.verdict import RefusedError
from core.accounts.domain.invitations import Invitation, invite_again, invite_person
from core.accounts.domain.roles import can_be_left, end_role
from core.accounts.forms.people import CptsGuestForm, PeopleFilter
from core.accounts.models import RoleAssignment
from core.accounts.rules import can_keep_people, can_see_people
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts

_PAGE_SIZE = 50


@require_safe
@in_cpts(can_see_people)
def people(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List who holds which role in the CPTS, or who used to."""
    narrowed = PeopleFilter(request.GET)
    former, searched = narrowed.wanted()
    held = RoleAssignment.objects.of_cpts(cpts.pk).filter(ended_at__isnull=not former).matching(searched)
    context = {
        "cpts": cpts,
        "filter": narrowed,
        "former": former,
        "searched": searched,
        "page": Paginator(held, _PAGE_SIZE).get_page(request.GET.get("page")),
        "keeps": can_keep_people(actor_of(request), cpts),
    }
    return render(request, "accounts/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_people)
def invite(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Invite somebody to a role of the CPTS."""
    form = CptsGuestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "accounts/invite.html", {"cpts": cpts, "form": form}, status=status)
    invitation = invite_person(**form.cleaned_data, cpts=cpts, by=actor_of(request), now=timezone.now())
    tell(request, invitation)
    return redirect("accounts:people", cpts.slug)


@require_POST
@in_cpts(can_keep_people)
def resend(request: HttpRequest, cpts: Cpts, assignment_id: int) -> HttpResponse:
    """Send an invitation again."""
    send_again(request, get_object_or_404(cpts.roles, pk=assignment_id))
    return redirect("accounts:people", cpts.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_keep_people)
def end(request: HttpRequest, cpts: Cpts, assignment_id: int) -> HttpResponse:
    """Ask for a confirmation, then end a role."""
    held = get_object_or_404(cpts.roles.select_related("user"), pk=assignment_id)
    if request.method == "POST":
        end_role(held, by=actor_of(request), now=timezone.now())
        messages.success(request, f"Le rôle de {held.shown_name} a pris fin.")
        return redirect("accounts:people", cpts.slug)
    holders = RoleAssignment.objects.alike(held).count()
    context = {"cpts": cpts, "held": held, "verdict": can_be_left(held.role, holders)}
    return render(request, "accounts/end_role.html", context)


def tell(request: HttpRequest, invitation: Invitation) -> None:
    """Say on the next page what became of an invitation: the same, whether or not there was an account."""
    address = invitation.assignment.user.email
    if invitation.has_left is False:
        messages.error(
            request,
            f"Le rôle est confié, mais le message à {address} n’a pas pu partir. "
            "Renvoyez l’invitation dans dix minutes.",
        )
    elif invitation.is_new:
        messages.success(request, f"Le rôle est confié. Une invitation est partie à {address}.")
    else:
        messages.info(request, f"{address} tient déjà ce rôle\u00a0: rien n’a changé.")


def send_again(request: HttpRequest, held: RoleAssignment) -> None:
    """Send the invitation to a role again, or say on the next page why it did not leave."""
    try:
        invitation = invite_again(held, by=actor_of(request), now=timezone.now())
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        return
    if invitation.has_left is False:
        messages.error(request, "Le message n’a pas pu partir. Réessayez dans dix minutes.")
    else:
        messages.success(request, f"L’invitation est repartie à {held.user.email}.")
