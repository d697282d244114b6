"""The journal, read by people: that of a CPTS, and that of the platform."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.audit.domain.reading import read_entries
from core.audit.forms import HistoryFilter
from core.audit.models import AuditEntry
from core.audit.models.entry import PLATFORM_CHAIN, chain_of
from core.audit.rules import can_read_history
from core.organisations.models import Cpts
from core.organisations.rules import can_administrate
from core.organisations.views.tenant import by_role, in_cpts

_PAGE_SIZE = 50


@require_safe
@in_cpts(can_read_history)
def history(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Tell what was done in a CPTS."""
    return _tell(request, chain_of(cpts.pk), {"cpts": cpts, "title": f"Historique – {cpts.name}"})


@require_safe
@by_role(can_administrate)
def platform_history(request: HttpRequest) -> HttpResponse:
    """Tell what was done on the platform, outside of the CPTS."""
    return _tell(request, PLATFORM_CHAIN, {"cpts": None, "title": "Historique de la plateforme"})


def _tell(request: HttpRequest, chain: str, context: dict[str, object]) -> HttpResponse:
    """Show a page of a chain, narrowed as the address asks; what it asks wrongly is said (400)."""
    narrowed = HistoryFilter(chain, request.GET)
    entries = narrowed.apply(AuditEntry.objects.filter(chain=chain)).order_by("-position")
    page = Paginator(entries, _PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {
        "page": page,
        "entries": read_entries(list(page)),
        "filter": narrowed,
        "narrowed": narrowed.is_narrowing,
    }
    return render(request, "history/history.html", context, status=400 if narrowed.errors else 200)
