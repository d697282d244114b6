"""The fees of a year: called, received, late, and the list of calls."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import Sheet, write_csv, write_xlsx
from members.charts import fee_chart
from members.domain.fee_listing import figures_by_category, total_figures, wanted_calls, years_of
from members.domain.fee_pdf import to_print
from members.exports.fees import call_list
from members.forms.fees import CallFilter, asked_year
from members.models import FeeNotice
from members.rules import can_keep_fees, can_see_fees

_PAGE_SIZE = 25


@require_safe
@in_cpts(can_see_fees)
def fees(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show what was called for a year, what came in and what is late, then the calls."""
    today = timezone.localdate()
    year = asked_year(request.GET.get("annee"), today=today)
    narrowing = CallFilter(request.GET)
    figures = figures_by_category(cpts, year, today)
    calls = wanted_calls(cpts, year, narrowing.wanted, today)
    context = {
        "cpts": cpts,
        "year": year,
        "years": years_of(cpts, today.year, year),
        "figures": total_figures(figures.values()),
        "chart": fee_chart(figures) if figures else None,
        "filter": narrowing,
        "chips": [(words, _without(request, name)) for name, words in narrowing.chips()],
        "page": Paginator(calls, _PAGE_SIZE).get_page(request.GET.get("page")),
        "query": request.GET.urlencode(),
        "may_keep": bool(can_keep_fees(actor_of(request), cpts)),
        "notices": _notice_counts(cpts, year),
    }
    return render(request, "members/fees/fees.html", context)


@require_safe
@in_cpts(can_see_fees)
def fees_xlsx(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Download the calls, narrowed as the list is, as a workbook."""
    sheet, year = _sheet(request, cpts)
    return attachment(write_xlsx([sheet]), f"cotisations-{year}", "xlsx")


@require_safe
@in_cpts(can_see_fees)
def fees_csv(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Download the calls, narrowed as the list is, as CSV."""
    sheet, year = _sheet(request, cpts)
    return attachment(write_csv(sheet), f"cotisations-{year}", "csv")


def year_of(request: HttpRequest) -> tuple[int, date]:
    """Return the year of the address, and today."""
    today = timezone.localdate()
    return asked_year(request.GET.get("annee") or request.POST.get("annee"), today=today), today


def fees_url(cpts: Cpts, year: int) -> str:
    """Return the address of the fees of a year."""
    return f"{reverse('members:fees', args=[cpts.slug])}?annee={year}"


def _sheet(request: HttpRequest, cpts: Cpts) -> tuple[Sheet, int]:
    year, today = year_of(request)
    return call_list(wanted_calls(cpts, year, CallFilter(request.GET).wanted, today), year), year


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for left_out in (name, "page"):
        query.pop(left_out, None)
    return f"?{query.urlencode()}"


def _notice_counts(cpts: Cpts, year: int) -> dict[str, Any]:
    """How many notices did not leave, and how many are to be printed. Two queries."""
    notices = FeeNotice.objects.filter(call__cpts=cpts, call__year=year)
    return {"not_sent": notices.not_sent().count(), "on_paper": to_print(cpts, year).count()}
