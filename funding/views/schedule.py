"""The treasurer's schedule: what the contract pays, when, and what has come in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.charts import StackedBars
from funding.charts import calendar_year_chart, contract_year_chart
from funding.documents import due_date_context
from funding.domain.advice import occasion
from funding.domain.followed_lines import FollowedDueDate, FollowedLine, followed_due_dates, summary_of
from funding.engine import DueDate, by_calendar_year, by_contract_year, total_amount
from funding.rules import can_record_receipt, can_see_schedule
from funding.views.contract_schedule import (
    ContractSchedule,
    chosen_contract,
    contracts_of,
    load_schedule,
)
from funding.views.statements import pdf_context


@require_safe
@in_cpts(can_see_schedule)
def schedule(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show the schedule of a contract, filtered; to htmx, only the lines. A filter of no choice gives 400."""
    followed = load_schedule(request, cpts)
    if followed is None:
        return nothing_yet(request, cpts)
    context = _lines_context(followed) | pdf_context(request, cpts, followed.statement)
    status = 400 if followed.form.errors else 200
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        context |= _page_context(followed) | {"may_record": may_record(request, cpts)}
        return render(request, "schedule/schedule.html", context, status=status)
    response = render(request, "schedule/_lines.html", context, status=status)
    response["HX-Replace-Url"] = followed.url("schedule")
    return response


@require_safe
@in_cpts(can_see_schedule)
def due_date(request: HttpRequest, cpts: Cpts, day: date) -> HttpResponse:
    """Show the lines due on one day that the filters keep, each with its explanation; 404 when none is."""
    followed = load_schedule(request, cpts)
    kept = followed_due_dates(followed.form.kept) if followed else []
    due = next((due for due in kept if due.day == day), None)
    if followed is None or due is None:
        raise Http404("Aucune échéance ce jour-là.")
    context = {
        "cpts": cpts,
        **due_date_context(DueDate(due.day, due.lines)),
        "lines": _explained(due),
        "back_label": "Échéancier",
        "back_url": followed.url("schedule"),
        "receive_url": "",
    }
    if due.pending and may_record(request, cpts):
        context |= {
            "receive_url": followed.page("receive", echeance=day),
            "pending_amount": due.pending_amount,
        }
    return render(request, "schedule/due_date.html", context)


def nothing_yet(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Say how an empty schedule gets its lines, to the role that looks at it."""
    contract = chosen_contract(request, contracts_of(cpts))
    context = {"cpts": cpts, "contract": contract, "role": actor_of(request).role}
    return render(request, "schedule/nothing_yet.html", context)


def may_record(request: HttpRequest, cpts: Cpts) -> bool:
    """Whether the visitor writes receipts down."""
    return can_record_receipt(actor_of(request), cpts).allowed


def _page_context(followed: ContractSchedule) -> dict[str, Any]:
    return {
        "contract": followed.contract,
        "contracts": followed.contracts,
        "statement": followed.statement,
        "summary": summary_of(followed.lines),
    }


def _lines_context(followed: ContractSchedule) -> dict[str, Any]:
    form, kept = followed.form, followed.form.kept
    return {
        "cpts": followed.cpts,
        "form": form,
        "kept": kept,
        "total": total_amount(kept),
        "due_dates": [
            {
                "due": due,
                "occasion": occasion(due.day, followed.contract.signed_on),
                "path": followed.url("due_date", due.day),
            }
            for due in followed_due_dates(kept)
        ],
        **_charts(kept),
        "xlsx_url": followed.url("schedule_xlsx"),
        "csv_url": followed.url("schedule_csv"),
        "ics_url": followed.url("schedule_ics"),
    }


def _charts(kept: Sequence[FollowedLine]) -> dict[str, StackedBars]:
    if not kept:
        return {}
    return {
        "contract_year_chart": contract_year_chart(by_contract_year(kept)),
        "calendar_year_chart": calendar_year_chart(by_calendar_year(kept)),
    }


def _explained(due: FollowedDueDate) -> list[dict[str, Any]]:
    """The words of each line, as tables print them, beside what became of it."""
    words = due_date_context(DueDate(due.day, due.lines))["lines"]
    return [
        {**said, "state": line.state, "received_on": line.received_on}
        for said, line in zip(words, due.lines, strict=True)
    ]
