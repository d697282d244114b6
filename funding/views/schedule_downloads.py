"""Downloads of a contract's schedule: exactly the lines that the filters keep, in three formats."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import in_cpts
from core.spreadsheets.attachments import attachment
from funding.domain.statement_words import provenance
from funding.exports import CalendarWords, followed_csv, followed_ics, followed_xlsx
from funding.rules import can_see_schedule
from funding.views.contract_schedule import ContractSchedule, load_schedule

View = Callable[[HttpRequest, Cpts], HttpResponse]
ScheduleView = Callable[[ContractSchedule], HttpResponse]


def _of_schedule(view: ScheduleView) -> View:
    """Give the view the schedule asked for; 400 when a filter is none of its choices, 404 without one."""

    @require_safe
    @in_cpts(can_see_schedule)
    @wraps(view)
    def checked(request: HttpRequest, cpts: Cpts) -> HttpResponse:
        followed = load_schedule(request, cpts)
        if followed is None:
            raise Http404("Cette CPTS n’a pas encore d’échéancier.")
        if followed.form.errors:
            context = {"form": followed.form, "back_url": followed.url("schedule")}
            return render(request, "schedule/refused_filter.html", context, status=400)
        return view(followed)

    return checked


@_of_schedule
def xlsx(followed: ContractSchedule) -> HttpResponse:
    """Download the lines as a workbook."""
    rows = provenance(followed.statement, cpts=followed.cpts, contract=followed.contract)
    rows += [("Lignes gardées", _kept(followed)), ("Adresse de l’échéancier", followed.address)]
    content = followed_xlsx(followed.form.kept, provenance=rows, now=timezone.now())
    return _attachment(followed, content, "xlsx")


@_of_schedule
def csv(followed: ContractSchedule) -> HttpResponse:
    """Download the lines as CSV."""
    return _attachment(followed, followed_csv(followed.form.kept), "csv")


@_of_schedule
def ics(followed: ContractSchedule) -> HttpResponse:
    """Download the due dates as a calendar; imported again, it updates its events."""
    name = f"Échéancier ACI, {followed.cpts.name}"
    words = CalendarWords(name, f"Versement ACI {followed.cpts.name}", followed.address)
    series = f"contrat-{followed.contract.pk}"
    content = followed_ics(followed.form.kept, words, series=series, now=timezone.now())
    return _attachment(followed, content, "ics")


def _kept(followed: ContractSchedule) -> str:
    return " · ".join(chip.label for chip in followed.form.chips) or "toutes"


def _attachment(followed: ContractSchedule, content: bytes, extension: str) -> HttpResponse:
    return attachment(content, f"echeancier-{followed.cpts.slug}-{followed.contract.signed_on}", extension)
