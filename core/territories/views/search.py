"""Search as you type."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.territories.domain.search import is_searchable
from core.territories.forms import find_places


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the places found, as buttons of the form the search field is in."""
    query = request.GET.get("recherche", "").strip()
    context = {
        "query": query,
        "too_short": not is_searchable(query),
        "results": find_places(query),
    }
    return render(request, "territories/_results.html", context)
