"""The sheet of the association."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.organisations.models import Cpts
from core.organisations.rules import can_see_cpts
from core.organisations.views.tenant import in_cpts


@require_safe
@in_cpts(can_see_cpts)
def association(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show who the CPTS is and where it stands."""
    return render(request, "organisations/association.html", {"cpts": cpts})
