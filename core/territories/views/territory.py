"""A territory on a page of its own: list, map, downloads."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import Sheet, write_csv, write_xlsx
from core.territories.domain.map import draw_map, has_map
from core.territories.domain.selection import SelectionError, TerritorySelection
from core.territories.exports import commune_list
from core.territories.forms import TerritoryPicker, selection_from_query

_PAGE_SIZE = 50


def _selected(
    view: Callable[[HttpRequest, TerritorySelection], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give the view the territory of the address, or answer 400 with the reasons why there is none."""

    @require_safe
    def loader(request: HttpRequest) -> HttpResponse:
        try:
            selection = selection_from_query(request.GET)
        except SelectionError as error:
            return render(request, "territories/refused.html", {"errors": error.errors}, status=400)
        if not selection:
            errors = ["Choisissez au moins une commune."]
            return render(request, "territories/refused.html", {"errors": errors}, status=400)
        return view(request, selection)

    return loader


@require_safe
def territory(request: HttpRequest) -> HttpResponse:
    """Compose a territory, with its list, its map and its downloads."""
    picker = TerritoryPicker.from_query(request.GET)
    selection = picker.selection
    page = Paginator(selection.communes, _PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "picker": picker,
        "selection": selection,
        "page": page,
        "has_map": has_map(selection),
    }
    status = 400 if picker.errors else 200
    return render(request, "territories/territory.html", context, status=status)


@_selected
def territory_map(request: HttpRequest, selection: TerritorySelection) -> HttpResponse:
    """Show the map: a fragment for the page that fetches it after itself, else a page."""
    template = "territories/_map.html" if "HX-Request" in request.headers else "territories/map.html"
    return render(request, template, {"map": draw_map(selection), "selection": selection})


@_selected
def list_xlsx(request: HttpRequest, selection: TerritorySelection) -> HttpResponse:
    """Download the list of communes as a workbook."""
    return _download(selection, lambda sheet: write_xlsx([sheet]), "xlsx")


@_selected
def list_csv(request: HttpRequest, selection: TerritorySelection) -> HttpResponse:
    """Download the list of communes as CSV."""
    return _download(selection, write_csv, "csv")


def _download(selection: TerritorySelection, write: Callable[[Sheet], bytes], extension: str) -> HttpResponse:
    return attachment(write(commune_list(selection)), "territoire-communes", extension)
