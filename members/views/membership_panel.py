"""The memberships of somebody, as their sheet shows them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of
from members.enums import MembershipState, MemberStatus
from members.models import Member, Membership
from members.rules import can_decide_memberships, can_edit_members

_KINDS = {
    MemberStatus.MEMBER: "success",
    MemberStatus.APPLICANT: "warning",
    MemberStatus.SUSPENDED: "warning",
    MemberStatus.COMING: "info",
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do about a membership: its words and its page."""

    label: str
    url: str
    is_main: bool = False


def membership_panel(request: HttpRequest, cpts: Cpts, member: Member) -> dict[str, Any]:
    """Return what `members/membership/_panel.html` shows: status, periods, and what this visitor may do."""
    actor, today = actor_of(request), timezone.localdate()
    dated = Member.objects.with_status(today).get(pk=member.pk)
    status = MemberStatus(dated.status)  # type: ignore[attr-defined]  # annotated
    periods = list(
        Membership.objects.filter(member=member)
        .select_related("college")
        .prefetch_related("suspensions", "removals")
    )
    may_edit = bool(can_edit_members(actor, cpts)) and not member.merged_into_id and not member.anonymised_at
    may_decide = bool(can_decide_memberships(actor, cpts))
    return {
        "membership_status": status.label,
        "membership_status_kind": _KINDS.get(status, "neutral"),
        "membership_periods": sorted(periods, key=_began, reverse=True),
        "membership_actions": _actions(cpts, member, periods, may_edit=may_edit, may_decide=may_decide),
        "may_see_removals": may_decide,
    }


def _began(period: Membership) -> tuple[Any, ...]:
    return period.starts_on or period.applied_on, period.pk


def _actions(
    cpts: Cpts, member: Member, periods: list[Membership], *, may_edit: bool, may_decide: bool
) -> list[Action]:
    current = next((each for each in periods if each.state == MembershipState.ADMITTED), None)
    waiting = next((each for each in periods if each.state == MembershipState.APPLIED), None)
    if waiting is not None:
        return _of_an_application(cpts, waiting, may_edit=may_edit, may_decide=may_decide)
    if current is not None:
        record = [_record(cpts, member)] if may_edit else []
        return [*_of_a_member(cpts, current), *record] if may_decide else []
    if not may_edit:
        return []
    label = "Enregistrer une nouvelle demande" if periods else "Enregistrer une demande"
    url = reverse("members:membership_apply", args=[cpts.slug, member.pk])
    return [Action(label, url, is_main=True), _record(cpts, member)]


def _record(cpts: Cpts, member: Member) -> Action:
    url = reverse("members:membership_record", args=[cpts.slug, member.pk])
    return Action("Enregistrer une adhésion déjà admise", url)


def _of_an_application(cpts: Cpts, waiting: Membership, *, may_edit: bool, may_decide: bool) -> list[Action]:
    address = reverse("members:applications_decide", args=[cpts.slug])
    decide = Action("Décider", f"{address}?{urlencode({'demande': waiting.pk})}", is_main=True)
    withdraw = Action("Retirer la demande", _page("membership_withdraw", cpts, waiting))
    return [*([decide] if may_decide else []), *([withdraw] if may_edit else [])]


def _of_a_member(cpts: Cpts, current: Membership) -> list[Action]:
    is_suspended = any(each.ends_on is None for each in current.suspensions.all())
    removal = next((each for each in current.removals.all() if not each.outcome), None)
    suspension = (
        Action("Lever la suspension", _page("membership_lift", cpts, current), is_main=True)
        if is_suspended
        else Action("Suspendre", _page("membership_suspend", cpts, current))
    )
    procedure = (
        Action(
            "Suivre la procédure de radiation",
            reverse("members:removal", args=[cpts.slug, current.member_id, removal.pk]),
            is_main=True,
        )
        if removal
        else Action("Ouvrir une procédure de radiation", _page("removal_open", cpts, current))
    )
    change = Action("Changer de catégorie ou de collège", _page("membership_change", cpts, current))
    end = Action("Enregistrer une démission ou un décès", _page("membership_end", cpts, current))
    return [change, suspension, end, procedure]


def _page(name: str, cpts: Cpts, membership: Membership) -> str:
    return reverse(f"members:{name}", args=[cpts.slug, membership.member_id, membership.pk])
