"""Downloads of a simulated schedule: spreadsheet, CSV, calendar, and the PDF that a worker makes."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.jobs.errors import RateLimitedError
from core.jobs.requesters import requester_of
from core.spreadsheets.attachments import attachment
from funding.domain.schedule_pdf import request_schedule_pdf
from funding.domain.simulation import SimulationResult
from funding.exports import simulation_csv, simulation_ics, simulation_xlsx
from funding.views.address import Simulation, load_simulation

_NAME = "echeancier-aci"

View = Callable[[HttpRequest], HttpResponse]
SimulationView = Callable[[HttpRequest, Simulation, SimulationResult], HttpResponse]


def _of_whole_simulation(view: SimulationView) -> View:
    """Give the view a simulation that has a result; answer 400 with what is missing otherwise."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        simulation = load_simulation(request)
        if simulation.result is None:
            context = {"form": simulation.form, "back_url": simulation.url("funding:simulator")}
            return render(request, "funding/incomplete.html", context, status=400)
        return view(request, simulation, simulation.result)

    return checked


@require_safe
@_of_whole_simulation
def xlsx(request: HttpRequest, simulation: Simulation, result: SimulationResult) -> HttpResponse:
    """Download the schedule as a workbook."""
    content = simulation_xlsx(result, address=simulation.share_url, now=timezone.now())
    return attachment(content, _NAME, "xlsx")


@require_safe
@_of_whole_simulation
def csv(request: HttpRequest, simulation: Simulation, result: SimulationResult) -> HttpResponse:
    """Download the lines of the schedule as CSV."""
    return attachment(simulation_csv(result), _NAME, "csv")


@require_safe
@_of_whole_simulation
def ics(request: HttpRequest, simulation: Simulation, result: SimulationResult) -> HttpResponse:
    """Download the due dates as a calendar."""
    content = simulation_ics(
        result, address=simulation.share_url, series=simulation.digest, now=timezone.now()
    )
    return attachment(content, _NAME, "ics")


@require_POST
@_of_whole_simulation
def pdf(request: HttpRequest, simulation: Simulation, result: SimulationResult) -> HttpResponse:
    """Ask a worker for the PDF and show its progress; 429 with the wait when too many were asked."""
    try:
        job = request_schedule_pdf(
            simulation.payload,
            result=result,
            address=simulation.share_url,
            requester=requester_of(request),
            now=timezone.now(),
        )
    except RateLimitedError as error:
        context = {"reason": str(error), "back_url": simulation.url("funding:simulator")}
        response = render(request, "funding/too_many_documents.html", context, status=429)
        response["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
        return response
    return redirect("jobs:detail", job.pk)
