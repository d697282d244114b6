"""The home page: the public one, or that of the role one acts in."""

from collections.abc import Callable, Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.access.actors import HeldRole
from core.access.enums import Role
from core.organisations.views.tenant import roles_of
from cpts.dashboards import community, institution
from cpts.dashboards.page import Dashboard

DASHBOARDS: Mapping[Role, Callable[[HeldRole, date], Dashboard]] = {
    Role.COORDINATOR: community.coordinator,
    Role.TREASURER: community.treasurer,
    Role.BOARD: community.board,
    Role.MEMBER: community.member,
    Role.REVIEWER: institution.reviewer,
    Role.ADMINISTRATOR: institution.administrator,
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what the platform does and where to begin; to who holds a role, what matters today."""
    if not request.user.is_authenticated:
        return render(request, "home.html")
    current = roles_of(request).current
    if current is None:
        return render(request, "organisations/no_role.html")
    dashboard = DASHBOARDS[current.actor.role](current, timezone.localdate())
    context = {"dashboard": dashboard, "heading": f"Bonjour {request.user.first_name}".strip()}
    return render(request, "dashboards/role.html", context)
