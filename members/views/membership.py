"""What is done about one membership, each on its own page: apply, record, withdraw, end, change, suspend."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.memberships import (
    apply_for_membership,
    change_category,
    end_membership,
    record_membership,
    withdraw,
)
from members.domain.suspensions import lift, suspend
from members.enums import OPEN_STATES, MembershipSource, MembershipState
from members.forms.membership import (
    ApplicationEntryForm,
    CategoryForm,
    EndForm,
    LiftForm,
    MembershipForm,
    PeriodForm,
    SuspensionForm,
    WithdrawalForm,
)
from members.models import Member, Membership
from members.rules import can_decide_memberships, can_edit_members
from members.views.entries import entry_or_404

Typed = dict[str, Any]
METHODS = ["GET", "HEAD", "POST"]
CHANGED = "La situation a changé pendant que vous remplissiez cette page. Rien n’a été enregistré."


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done about a membership: its page, its form, its verb.

    `is_possible` tells whether the page still has an object; a form sent again is left to the verb.
    """

    title: str
    intro: str
    button: str
    done: str
    form: type[MembershipForm]
    is_possible: Callable[[Membership], bool]
    does: Callable[[Membership, Typed, Actor, datetime], object]


def _is_admitted(membership: Membership) -> bool:
    return membership.state == MembershipState.ADMITTED


def _is_suspended(membership: Membership) -> bool:
    return _is_admitted(membership) and membership.suspensions.filter(ends_on=None).exists()


WITHDRAW = Act(
    title="Retirer la demande",
    intro="La personne renonce à sa demande avant la décision. La demande reste dans l’historique.",
    button="Retirer la demande",
    done="La demande est retirée.",
    form=WithdrawalForm,
    is_possible=lambda membership: membership.state == MembershipState.APPLIED,
    does=lambda membership, typed, by, now: withdraw(membership, note=typed["end_note"], by=by, now=now),
)
END = Act(
    title="Mettre fin à l’adhésion",
    intro=(
        "La période se termine et reste dans l’historique. Une radiation passe par sa procédure, qui invite "
        "d’abord la personne à s’expliquer."
    ),
    button="Enregistrer la fin",
    done="La fin de l’adhésion est enregistrée.",
    form=EndForm,
    is_possible=_is_admitted,
    does=lambda membership, typed, by, now: end_membership(
        membership, typed["end_ground"], typed["ends_on"], note=typed["end_note"], by=by, now=now
    ),
)
CHANGE = Act(
    title="Changer de catégorie ou de collège",
    intro="Une nouvelle période commence, et l’ancienne garde ses dates.",
    button="Enregistrer le changement",
    done="Le changement est enregistré.",
    form=CategoryForm,
    is_possible=_is_admitted,
    does=lambda membership, typed, by, now: change_category(
        membership, typed["category"], typed["college"], typed["day"], note=typed["note"], by=by, now=now
    ),
)
SUSPEND = Act(
    title="Suspendre l’adhésion",
    intro="La personne reste membre, sans vote ni appel de cotisation, tant que la suspension dure.",
    button="Suspendre",
    done="L’adhésion est suspendue.",
    form=SuspensionForm,
    is_possible=lambda membership: _is_admitted(membership) and not _is_suspended(membership),
    does=lambda membership, typed, by, now: suspend(
        membership, typed["starts_on"], typed["reason"], by=by, now=now
    ),
)
LIFT = Act(
    title="Lever la suspension",
    intro="La personne retrouve tous ses droits de membre.",
    button="Lever la suspension",
    done="La suspension est levée.",
    form=LiftForm,
    is_possible=_is_suspended,
    does=lambda membership, typed, by, now: lift(membership, typed["ends_on"], by=by, now=now),
)


@require_http_methods(METHODS)
@in_cpts(can_edit_members)
def membership_apply(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Record an application received otherwise than by the public form."""
    member = entry_or_404(cpts, member_id)

    def does(form: MembershipForm, by: Actor, now: datetime) -> object:
        typed = form.typed
        return apply_for_membership(
            member,
            applied_on=typed["applied_on"],
            category=typed["category"],
            college=typed["college"],
            statutes_accepted_at=now if typed["statutes"] else None,
            by=by,
            now=now,
        )

    page = {
        "title": "Enregistrer une demande d’adhésion",
        "intro": "Elle attend ensuite la décision de l’organe que désignent les statuts.",
        "button": "Enregistrer la demande",
        "done": "La demande est enregistrée.",
    }
    return answer(request, cpts, member, ApplicationEntryForm, does, page, is_possible=_may_begin(member))


@require_http_methods(METHODS)
@in_cpts(can_edit_members)
def membership_record(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Record a membership that was admitted before it was written here."""
    member = entry_or_404(cpts, member_id)

    def does(form: MembershipForm, by: Actor, now: datetime) -> object:
        assert isinstance(form, PeriodForm)  # noqa: S101  # for the type checker: it is the form given below
        source = MembershipSource.COORDINATION
        return record_membership(member, form.values(), source=source, by=by, now=now)

    page = {
        "title": "Enregistrer une adhésion déjà admise",
        "intro": "Pour qui est, ou a été, membre d’après les papiers de l’association.",
        "button": "Enregistrer l’adhésion",
        "done": "L’adhésion est enregistrée.",
    }
    return answer(request, cpts, member, PeriodForm, does, page)


@require_http_methods(METHODS)
@in_cpts(can_edit_members)
def membership_withdraw(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int) -> HttpResponse:
    """Note that an application is given up."""
    return _act(request, cpts, member_id, membership_id, WITHDRAW)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def membership_end(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int) -> HttpResponse:
    """End a membership."""
    return _act(request, cpts, member_id, membership_id, END)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def membership_change(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int) -> HttpResponse:
    """Give a member another category or college."""
    return _act(request, cpts, member_id, membership_id, CHANGE)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def membership_suspend(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int) -> HttpResponse:
    """Suspend a membership."""
    return _act(request, cpts, member_id, membership_id, SUSPEND)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def membership_lift(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int) -> HttpResponse:
    """Lift a suspension."""
    return _act(request, cpts, member_id, membership_id, LIFT)


def membership_or_404(cpts: Cpts, member_id: int, membership_id: int) -> Membership:
    """Return a membership of an entry of this CPTS; raises Http404 for any other."""
    found = Membership.objects.filter(pk=membership_id, member=entry_or_404(cpts, member_id))
    membership = found.select_related("member__cpts", "college").first()
    if membership is None:
        raise Http404("Cette adhésion n’existe pas.")
    return membership


def answer(
    request: HttpRequest,
    cpts: Cpts,
    member: Member,
    form_type: type[MembershipForm],
    does: Callable[[MembershipForm, Actor, datetime], object],
    page: dict[str, str],
    *,
    is_possible: bool = True,
    initial: Typed | None = None,
    back_url: str = "",
) -> HttpResponse:
    """Show a page about a member, or do what its form says and return to `back_url` (the sheet by default).

    400 when the form is refused, 409 when the situation changed meanwhile: what was typed stays.
    """
    posted = request.POST if request.method == "POST" else None
    form = form_type(posted, cpts=cpts, member=member, today=timezone.localdate(), initial=initial)
    back_url = back_url or member.get_absolute_url()
    context = {"cpts": cpts, "member": member, "form": form, "back_url": back_url, **page}
    if posted is None:
        context["is_possible"] = is_possible
        return render(request, "members/membership/act.html", context, status=200 if is_possible else 409)
    context["is_possible"], status = True, 400
    if form.is_valid():
        try:
            does(form, actor_of(request), timezone.now())
        except StaleError as error:
            context["stale"], status = str(error) or CHANGED, 409
        except ValidationError as fault:
            form.show(fault)
        else:
            messages.success(request, page["done"])
            return redirect(back_url)
    return render(request, "members/membership/act.html", context, status=status)


def _act(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int, act: Act) -> HttpResponse:
    membership = membership_or_404(cpts, member_id, membership_id)
    return answer(
        request,
        cpts,
        membership.member,
        act.form,
        lambda form, by, now: act.does(membership, form.typed, by, now),
        {"title": act.title, "intro": act.intro, "button": act.button, "done": act.done},
        is_possible=act.is_possible(membership),
        initial={"category": membership.category, "college": membership.college_id},
    )


def _may_begin(member: Member) -> bool:
    open_periods = Membership.objects.filter(member=member, state__in=sorted(OPEN_STATES))
    return not open_periods.exists()
