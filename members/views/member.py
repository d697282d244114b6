"""The sheet of a person or of a structure."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.organisations.domain.identifiers import spaced_siret
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.identifiers import has_right_rpps_key
from members.models import Member, Representative
from members.rules import can_edit_members, can_see_members
from members.views.entries import entry_or_404, kept_entry
from members.views.fee_panel import fee_panel
from members.views.membership_panel import membership_panel

_PEOPLE_SHOWN = 50


@require_safe
@in_cpts(can_see_members)
def member(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Show what the registry says of somebody; an entry merged into another leads to it."""
    found = entry_or_404(cpts, member_id)
    if found.merged_into_id is not None:
        return redirect(kept_entry(found))
    actor = actor_of(request)
    context: dict[str, Any] = {
        "cpts": cpts,
        "member": found,
        "can_edit": bool(can_edit_members(actor, cpts)) and found.anonymised_at is None,
        "merged": list(found.merged.order_by("number")),
    }
    context |= _person(found) if found.is_person else _structure(request, found)
    context |= membership_panel(request, cpts, found) | fee_panel(request, cpts, found)
    return render(request, "members/member.html", context)


def _person(person: Member) -> dict[str, Any]:
    today = timezone.localdate()
    places = person.places.filter(archived_at=None).select_related("structure__cpts")
    represented = Representative.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), person=person)
    return {
        "places": list(places.order_by("-is_main", "pk")),
        "represented": list(represented.select_related("structure__cpts").order_by("starts_on", "pk")),
        "has_wrong_key": not has_right_rpps_key(person.rpps),
        "today": today,
    }


def _structure(request: HttpRequest, structure: Member) -> dict[str, Any]:
    today = timezone.localdate()
    people = Member.objects.listed().filter(places__structure=structure, places__archived_at=None)
    return {
        "people": Paginator(people.select_related("cpts").distinct().in_order(), _PEOPLE_SHOWN).get_page(
            request.GET.get("page")
        ),
        "representatives": list(
            structure.representatives.select_related("person__cpts").order_by("-starts_on", "-pk")
        ),
        "siret": spaced_siret(structure.siret),
        "today": today,
    }
