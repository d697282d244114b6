"""The territory of a CPTS: in force, past and to come."""

from collections.abc import Callable
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.organisations.domain.overlaps import overlaps_of
from core.organisations.domain.territories import (
    DatedTerritory,
    dated,
    has_outline,
    timeline_of,
)
from core.organisations.enums import TerritoryState
from core.organisations.exports.territory import territory_list
from core.organisations.forms.territory import decided_picker
from core.organisations.models import Cpts
from core.organisations.rules import can_edit_territory, can_see_cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import Sheet, write_csv, write_xlsx
from core.territories.domain.map import draw_map
from core.territories.models import Vintage

_PAGE_SIZE = 50


@require_safe
@in_cpts(can_see_cpts)
def territory(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show the territory in force, what it shares with others, and those of other days."""
    today = timezone.localdate()
    timeline = timeline_of(cpts, today)
    context = {
        "cpts": cpts,
        "timeline": timeline,
        "territory": timeline.current,
        "can_edit": can_edit_territory(actor_of(request), cpts),
        "overlaps": overlaps_of(cpts, today),
    }
    if timeline.current:
        context |= _sheet(request, timeline.current)
    return render(request, "organisations/territory.html", context)


@require_safe
@in_cpts(can_see_cpts)
def territory_version(request: HttpRequest, cpts: Cpts, version_id: int) -> HttpResponse:
    """Show one territory as it was decided, whatever its dates."""
    shown = _dated_or_404(cpts, version_id)
    context = {"cpts": cpts, "territory": shown} | _sheet(request, shown)
    return render(request, "organisations/territory_version.html", context)


@require_safe
@in_cpts(can_see_cpts)
def territory_map(request: HttpRequest, cpts: Cpts, version_id: int) -> HttpResponse:
    """Show the map: a fragment for the page that fetches it after itself, else a page."""
    shown = _dated_or_404(cpts, version_id)
    shared: set[str] = set()
    if shown.state is TerritoryState.CURRENT:
        now_shared = [each for each in overlaps_of(cpts, timezone.localdate()) if each.begins_on is None]
        shared = {code for each in now_shared for row in each.communes for code in (row.code, row.city_code)}
    picker = decided_picker(shown.version)
    context = {"cpts": cpts, "territory": shown, "map": draw_map(picker.selection, overlaps=shared)}
    fragment = "HX-Request" in request.headers
    return render(
        request, "territories/_map.html" if fragment else "organisations/territory_map.html", context
    )


@require_safe
@in_cpts(can_see_cpts)
def territory_xlsx(request: HttpRequest, cpts: Cpts, version_id: int) -> HttpResponse:
    """Download the list of communes as a workbook."""
    return _download(cpts, version_id, lambda sheet: write_xlsx([sheet]), "xlsx")


@require_safe
@in_cpts(can_see_cpts)
def territory_csv(request: HttpRequest, cpts: Cpts, version_id: int) -> HttpResponse:
    """Download the list of communes as CSV."""
    return _download(cpts, version_id, write_csv, "csv")


def _dated_or_404(cpts: Cpts, version_id: int) -> DatedTerritory:
    version = cpts.territories.filter(pk=version_id).first()
    if version is None:
        raise Http404("Cette CPTS n’a pas eu ce territoire.")
    return dated(version, timezone.localdate())


def _sheet(request: HttpRequest, shown: DatedTerritory) -> dict[str, object]:
    """Return what `organisations/_territory.html` shows: the communes by EPCI, page by page."""
    communes = shown.version.communes.order_by("pk")
    page = Paginator(communes, _PAGE_SIZE).get_page(request.GET.get("page"))
    vintage = Vintage.objects.current()
    return {
        "page": page,
        "groups": _groups(shown, page),
        "without_figure": [row.name for row in communes.filter(population=None)],
        "has_map": has_outline(shown.version, vintage),
        "vintage": vintage,
    }


def _groups(shown: DatedTerritory, page: Page) -> list[dict[str, object]]:
    """Return the communes of a page by EPCI, each with the figures of all that the territory holds of it."""
    held = shown.version.communes.order_by().values("epci_code")
    totals = {row["epci_code"]: row for row in held.annotate(count=Count("pk"), people=Sum("population"))}
    by_epci = groupby(page, key=lambda row: (row.epci_code, row.epci_name))
    return [{"name": name, "rows": list(rows)} | totals[code] for (code, name), rows in by_epci]


def _download(cpts: Cpts, version_id: int, write: Callable[[Sheet], bytes], extension: str) -> HttpResponse:
    shown = _dated_or_404(cpts, version_id)
    name = f"territoire-{cpts.slug}-{shown.version.starts_on:%Y-%m-%d}"
    return attachment(write(territory_list(shown)), name, extension)
