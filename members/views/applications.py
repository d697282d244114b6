"""Applications that wait: the list, and one decision about one or several of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.verdict import StaleError
from core.organisations.domain.phones import phone_text
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.formatting import number
from members.domain.applications import set_desk
from members.domain.memberships import decide
from members.domain.statutes import statutes_on
from members.enums import Body, MembershipState
from members.forms.membership import ADMIT, DecisionForm
from members.models import AdmissionDesk, Member, Membership
from members.rules import can_decide_memberships, can_edit_members, can_see_members
from members.views.membership import METHODS

BY_PAGE = 25
_MOST = 200
_LONG = 60


@require_safe
@in_cpts(can_see_members)
def applications(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the applications to decide, the oldest first, each with what it differs in and resembles."""
    waiting = Membership.objects.to_decide().filter(member__cpts=cpts)
    waiting = waiting.select_related("member__cpts", "college").order_by("applied_on", "pk")
    page = Paginator(waiting, BY_PAGE).get_page(request.GET.get("page"))
    actor, today = actor_of(request), timezone.localdate()
    context = {
        "cpts": cpts,
        "page": page,
        "rows": _rows(cpts, page, today),
        "body": _deciding(cpts, today),
        "desk": AdmissionDesk.objects.filter(cpts=cpts).first(),
        "form_url": request.build_absolute_uri(reverse("members:apply", args=[cpts.slug])),
        "may_decide": bool(can_decide_memberships(actor, cpts)),
        "may_edit": bool(can_edit_members(actor, cpts)),
    }
    return render(request, "members/membership/applications.html", context)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def applications_decide(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for one decision about the applications of the address, and record it; 409 when one moved."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(cpts, given.getlist("demande"))
    posted = request.POST if request.method == "POST" else None
    today = timezone.localdate()
    form = DecisionForm(posted, cpts=cpts, today=today)
    context: dict[str, Any] = {"cpts": cpts, "form": form, "chosen": chosen, "body": _deciding(cpts, today)}
    is_waiting = any(each.state == MembershipState.APPLIED for each in chosen)
    context["is_empty"] = posted is None and not is_waiting
    status = 200 if posted is None else 400
    if posted is not None and not chosen:
        return redirect("members:applications", cpts.slug)
    if posted is not None and form.is_valid():
        try:
            ids = [each.pk for each in chosen]
            decide(cpts, ids, form.decision(), by=actor_of(request), now=timezone.now())
        except StaleError as error:
            context["stale"], status = str(error), 409
        except ValidationError as fault:
            form.show(fault)
        else:
            messages.success(request, _told(len(chosen), form.cleaned_data["outcome"]))
            return redirect("members:applications", cpts.slug)
    return render(request, "members/membership/decide.html", context, status=status)


@require_POST
@in_cpts(can_edit_members)
def applications_desk(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Open or close the public form."""
    is_open = request.POST.get("ouvrir") == "1"
    set_desk(cpts, is_open=is_open, by=actor_of(request), now=timezone.now())
    messages.success(
        request, "Le formulaire public est ouvert." if is_open else "Le formulaire public est fermé."
    )
    return redirect("members:applications", cpts.slug)


def _chosen(cpts: Cpts, numbers: Sequence[str]) -> list[Membership]:
    """The applications that an address names; 404 for one that is not of this CPTS."""
    ids = {int(each) for each in numbers[:_MOST] if each.isascii() and each.isdecimal() and len(each) < 10}
    found = Membership.objects.filter(pk__in=ids, member__cpts=cpts).select_related("member__cpts", "college")
    chosen = list(found.order_by("applied_on", "pk"))
    if len(chosen) < len(set(numbers)):
        raise Http404("Une de ces demandes n’existe pas.")
    return chosen


def _deciding(cpts: Cpts, today: date) -> str:
    """The body that admits, in words, "" where the statutes ask for no decision."""
    body = Body(statutes_on(cpts.pk, today).admission_body)
    return body.label.lower() if body != Body.NOBODY else ""


def _told(count: int, outcome: str) -> str:
    done = "admise" if outcome == ADMIT else "refusée"
    if count == 1:
        return f"Demande {done}. Pensez à l’écrire à la personne."
    return f"{number(count)} demandes {done}s. Pensez à l’écrire à ces personnes."


def _rows(cpts: Cpts, page: Page[Membership], today: date) -> list[dict[str, Any]]:
    alike = _alike(cpts, [each.member for each in page])
    return [
        {
            "membership": membership,
            "member": membership.member,
            "waits": (today - membership.applied_on).days,
            "is_long": (today - membership.applied_on).days >= _LONG,
            "typed": _typed(membership),
            "alike": alike.get(membership.member_id, []),
        }
        for membership in page
    ]


def _typed(membership: Membership) -> list[tuple[str, str, str]]:
    """What somebody known gave otherwise than their entry says: the field, what they gave, what it says."""
    told = []
    for name, value in membership.typed.items():
        field = Member._meta.get_field(name)
        choices = dict(getattr(field, "flatchoices", ()))
        known = getattr(membership.member, name)
        given, known = (str(choices.get(each, phone_text(each))) for each in (value, known))
        told.append((str(getattr(field, "verbose_name", name)), given, known))
    return told


def _alike(cpts: Cpts, applicants: Sequence[Member]) -> dict[int, list[Member]]:
    """Other entries of the same name, or the same address, by applicant. One query."""
    condition = Q(sort_name__in=[each.sort_name for each in applicants])
    if addresses := [each.email for each in applicants if each.email]:
        condition |= Q(email__in=addresses)
    others = list(Member.objects.listed().filter(condition, cpts=cpts).select_related("cpts"))
    found: dict[int, list[Member]] = {}
    for applicant in applicants:
        for other in others:
            same = other.sort_name == applicant.sort_name or (other.email and other.email == applicant.email)
            if same and other.pk != applicant.pk:
                found.setdefault(applicant.pk, []).append(other)
    return found
