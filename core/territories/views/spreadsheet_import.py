"""Sending the spreadsheet of communes: file, report line by line, back to the page one came from."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from core.spreadsheets.reading import Limits, SpreadsheetError, read_lines
from core.territories.domain.selection import SelectionError, resolve_selection
from core.territories.domain.spreadsheet_import import ImportReport, match_lines
from core.territories.forms import PICKER_FIELDS, SpreadsheetForm, codes
from core.territories.models import Vintage

_LIMITS = Limits(max_rows=5000, max_columns=100, max_unpacked_bytes=30 * 1024 * 1024)
# Everything else in the address belongs to the page one came from and travels in `suite`.
_OWN = PICKER_FIELDS | {"retour", "suite", "csrfmiddlewaretoken"}


@require_http_methods(["GET", "HEAD", "POST"])
def import_communes(request: HttpRequest) -> HttpResponse:
    """Ask for the spreadsheet, then report on each of its lines. Nothing is stored."""
    if request.method != "POST":
        # The button sits in a form that htmx may send: the answer is a page, not a fragment.
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(request.get_full_path())
        return render(request, "territories/import.html", _context(request.GET, form=SpreadsheetForm()))
    form = SpreadsheetForm(request.POST, request.FILES)
    report = _report(form) if form.is_valid() else None
    if report is None:
        return render(request, "territories/import.html", _context(request.POST, form=form), status=422)
    return render(request, "territories/import_report.html", _context(request.POST, report=report))


@require_POST
def use_communes(request: HttpRequest) -> HttpResponse:
    """Go back with the former territory, the accepted lines and the suggestions chosen."""
    chosen = [code for key in request.POST if key.startswith("choix-") for code in request.POST.getlist(key)]
    try:
        selection = resolve_selection(
            epci=codes(request.POST, "epci"), communes=[*codes(request.POST, "communes"), *chosen]
        )
    except SelectionError as error:
        context = _context(request.POST, form=SpreadsheetForm()) | {"errors": error.errors}
        return render(request, "territories/import.html", context, status=422)
    return HttpResponseRedirect(_back_url(request.POST, selection.to_query()))


def _report(form: SpreadsheetForm) -> ImportReport | None:
    """Return the report, or None once the form says what is wrong with the file."""
    vintage = Vintage.objects.current()
    if vintage is None:
        form.add_error("fichier", "Le code officiel géographique n’est pas chargé sur ce serveur.")
        return None
    file = form.cleaned_data["fichier"]
    try:
        lines = read_lines(file, filename=file.name, limits=_LIMITS)
    except SpreadsheetError as error:
        form.add_error("fichier", str(error))
        return None
    return match_lines(lines, vintage)


def _context(parameters: QueryDict, **context: Any) -> dict[str, Any]:
    report = context.get("report")
    epci, communes = codes(parameters, "epci"), codes(parameters, "communes")
    return {
        "errors": [],
        "back_path": _back_path(parameters),
        "rest": _rest(parameters),
        "back_url": _back_url(parameters, _territory_query(epci, communes)),
        "epci": ",".join(epci),
        "communes": ",".join(communes),
        "all_epci": ",".join([*epci, *(report.epci_codes if report else [])]),
        "all_communes": ",".join([*communes, *(report.commune_codes if report else [])]),
        **context,
    }


def _rest(parameters: QueryDict) -> str:
    """Return the other fields of the page one came from, as a query string."""
    if "suite" in parameters:
        return parameters.get("suite", "")
    items = [(key, value) for key, values in parameters.lists() for value in values if key not in _OWN]
    return urlencode(items)


def _back_path(parameters: QueryDict) -> str:
    """Return the path to go back to: one of ours, never another site."""
    path = parameters.get("retour", "")
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return urlsplit(path).path if safe else reverse("territories:territory")


def _back_url(parameters: QueryDict, territory_query: str) -> str:
    query = "&".join(filter(None, [_rest(parameters), territory_query]))
    return f"{_back_path(parameters)}?{query}" if query else _back_path(parameters)


def _territory_query(epci: list[str], communes: list[str]) -> str:
    values = {"epci": ",".join(epci), "communes": ",".join(communes)}
    return urlencode({key: value for key, value in values.items() if value}, safe=",")
