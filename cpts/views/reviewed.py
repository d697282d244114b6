"""The CPTS of a reviewer's scope."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.organisations.enums import Stage
from core.organisations.rules import can_review
from core.organisations.views.tenant import actor_of, by_role
from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import write_xlsx
from cpts.reviewed.export import reviewed_list
from cpts.reviewed.filters import ReviewedForm
from cpts.reviewed.rows import (
    ReviewedCpts,
    ReviewedOrder,
    departements_of,
    found,
    listed,
    tally_of,
    told,
)

_PAGE_SIZE = 15


@require_safe
@by_role(can_review)
def reviewed(request: HttpRequest) -> HttpResponse:
    """List the CPTS of the scope, by stage unless another order is asked for."""
    actor, today = actor_of(request), timezone.localdate()
    tally = tally_of(actor)
    form = ReviewedForm(request.GET, departements=departements_of(tally))
    looked_for = found(actor, tally, form.wanted, today)
    paginator = Paginator(listed(looked_for.rows, form.wanted, today), _PAGE_SIZE)
    paginator.count = looked_for.count(form.wanted.stage)  # known already: it costs no query
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "groups": _groups(told(page, today), form.wanted.order),
        "stages": [(each, form.query_of_stage(each.stage)) for each in looked_for.stages],
        "most": max(each.count for each in looked_for.stages) or 1,
    }
    return render(request, "reviewed/list.html", context, status=400 if form.errors else 200)


@require_safe
@by_role(can_review)
def reviewed_xlsx(request: HttpRequest) -> HttpResponse:
    """Download the list as it is filtered, every page of it."""
    actor, today = actor_of(request), timezone.localdate()
    tally = tally_of(actor)
    form = ReviewedForm(request.GET, departements=departements_of(tally))
    looked_for = found(actor, tally, form.wanted, today)
    rows = told(listed(looked_for.rows, form.wanted, today), today)
    sheet = reviewed_list(rows, [chip.label for chip in form.chips], today)
    return attachment(write_xlsx([sheet]), f"cpts-{today:%Y-%m-%d}", "xlsx")


def _groups(rows: list[ReviewedCpts], order: ReviewedOrder) -> list[tuple[str, list[ReviewedCpts]]]:
    """Return the rows under the name of their stage, or under none when they come in another order."""
    if order is not ReviewedOrder.STAGE:
        return [("", rows)] if rows else []
    return [(Stage(stage).label, list(same)) for stage, same in groupby(rows, key=lambda row: row.cpts.stage)]
