"""The statements of a contract: every version, as it was established, for ever."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from funding.documents import due_date_context
from funding.domain.advice import occasion
from funding.domain.followed_lines import line_of_row
from funding.domain.statement_pdf import request_statement_pdf, statement_document
from funding.domain.statement_words import applied_texts, inputs_in_words, occasion_words, parties_in_words
from funding.domain.statements import differences_with_previous, stored_lines
from funding.engine import DueDate, by_date, total_delta
from funding.enums import LineState, payment_words
from funding.models import Statement
from funding.rules import can_ask_for_pdf, can_see_schedule
from funding.views.contract_schedule import chosen_contract, contracts_of

BY_PAGE = 25


@require_safe
@in_cpts(can_see_schedule)
def statements(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the statements of a contract, the latest first, each with what it changed."""
    contracts = contracts_of(cpts)
    contract = chosen_contract(request, contracts)
    versions = Statement.objects.filter(contract=contract).with_previous_total()
    page = Paginator(versions.order_by("-version"), BY_PAGE).get_page(request.GET.get("page"))
    context = {
        "cpts": cpts,
        "contract": contract,
        "contracts": contracts,
        "page": page,
        "rows": [
            {
                "statement": statement,
                "occasion": occasion_words(statement),
                "delta": _delta(statement),
            }
            for statement in page
        ],
    }
    return render(request, "schedule/statements.html", context)


@require_safe
@in_cpts(can_see_schedule)
def statement(request: HttpRequest, cpts: Cpts, version: int) -> HttpResponse:
    """Show a version as it was established: lines, what it was computed with, what it changed."""
    found = _statement(request, cpts, version)
    lines = stored_lines(found)
    return render(
        request,
        "schedule/statement.html",
        {
            "cpts": cpts,
            "contract": found.contract,
            "statement": found,
            "occasion": occasion_words(found),
            "is_latest": Statement.objects.latest_of(found.contract_id) == found,
            "due_dates": [
                {
                    "day": day,
                    "amount": amount,
                    "occasion": occasion(day, found.contract.signed_on),
                    "path": _path("statement_due_date", found, cpts, found.version, day),
                }
                for day, amount in by_date(lines).items()
            ],
            "parties": parties_in_words(found.parties),
            "inputs": inputs_in_words(found.inputs, {line.mission: line.mission_label for line in lines}),
            "texts": applied_texts(found),
            **pdf_context(request, cpts, found),
            **_differences_context(found),
        },
    )


@require_POST
@in_cpts(can_ask_for_pdf)
def statement_pdf(request: HttpRequest, cpts: Cpts, version: int) -> HttpResponse:
    """Ask for the PDF of a version that has none yet, and show its progress; asked twice, it is made once."""
    job = request_statement_pdf(_statement(request, cpts, version), now=timezone.now())
    return redirect("jobs:detail", job.pk)


@require_safe
@in_cpts(can_see_schedule)
def statement_due_date(request: HttpRequest, cpts: Cpts, version: int, day: date) -> HttpResponse:
    """Show the lines that a version has due on one day, each with its explanation; 404 when it has none."""
    found = _statement(request, cpts, version)
    rows = list(found.lines.filter(due_on=day).order_by("position"))
    if not rows:
        raise Http404("Aucune échéance ce jour-là dans ce décompte.")
    words = due_date_context(DueDate(day, tuple(map(line_of_row, rows))))
    context = {
        "cpts": cpts,
        **words,
        "lines": [
            {**said, "state": LineState.RECEIVED if row.received else "", "received_on": None}
            for said, row in zip(words["lines"], rows, strict=True)
        ],
        "back_label": f"Décompte n°\u00a0{version}",
        "back_url": _path("statement", found, cpts, version),
        "receive_url": "",
    }
    return render(request, "schedule/due_date.html", context)


def pdf_context(request: HttpRequest, cpts: Cpts, found: Statement) -> dict[str, Any]:
    """The PDF of a statement, or the way to ask for it for those who may."""
    document = statement_document(found)
    may_ask = document is None and can_ask_for_pdf(actor_of(request), cpts).allowed
    return {
        "document": document,
        "ask_pdf_url": _path("statement_pdf", found, cpts, found.version) if may_ask else "",
    }


def _delta(found: Statement) -> Decimal | None:
    """What a version changed to the total, None for the first; in: `with_previous_total()`."""
    previous: Decimal | None = found.previous_total  # type: ignore[attr-defined]
    return None if previous is None else found.total - previous


def _statement(request: HttpRequest, cpts: Cpts, version: int) -> Statement:
    """The version of the contract that the address asks for; 404 when there is none."""
    contract = chosen_contract(request, contracts_of(cpts))
    found = Statement.objects.filter(contract=contract, version=version).first() if contract else None
    if contract is None or found is None:
        raise Http404("Ce décompte n’existe pas.")
    found.contract = contract
    return found


def _differences_context(found: Statement) -> dict[str, Any]:
    changes = differences_with_previous(found)
    return {
        "is_first": found.version == 1,
        "changes": [
            {
                "mission": change.line.mission_label,
                "payment": payment_words(change.line.share, change.line.kind),
                "contract_year": change.line.contract_year,
                "before": change.before,
                "after": change.after,
                "delta": change.delta,
            }
            for change in changes
        ],
        "delta": total_delta(changes),
    }


def _path(name: str, found: Statement, cpts: Cpts, *args: object) -> str:
    return f"{reverse(f'contract:{name}', args=[cpts.slug, *args])}?contrat={found.contract_id}"
