"""The public simulator: from communes and dates to an explained schedule, without an account."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.territories.forms import PICKER_BUTTONS
from funding.charts import calendar_year_chart, contract_year_chart
from funding.documents import due_date_context
from funding.domain.advice import occasion, thresholds, warnings
from funding.domain.simulation import SimulationResult
from funding.engine import due_dates, lines_of
from funding.views.address import Simulation, load_simulation

EXAMPLE_EPCI = "200042604,200043354"


@require_safe
def simulator(request: HttpRequest) -> HttpResponse:
    """Show the form and its schedule; to htmx, only the parts that changed."""
    simulation = load_simulation(request)
    context = _context(simulation)
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return render(request, "funding/simulator.html", context)
    context["picker_changed"] = not PICKER_BUTTONS.isdisjoint(request.GET)
    response = render(request, "funding/_update.html", context)
    response["HX-Replace-Url"] = simulation.url("funding:simulator")
    return response


@require_safe
def due_date(request: HttpRequest, day: date) -> HttpResponse:
    """Show the lines due on one day, each with its explanation; 404 when nothing is due that day."""
    simulation = load_simulation(request)
    lines = lines_of(simulation.result.schedule) if simulation.result else ()
    due = next((due for due in due_dates(lines) if due.day == day), None)
    if due is None:
        raise Http404("Aucune échéance ce jour-là.")
    context = due_date_context(due) | {"back_url": simulation.url("funding:simulator")}
    return render(request, "funding/due_date.html", context)


def _context(simulation: Simulation) -> dict[str, Any]:
    context = {
        "form": simulation.form,
        "picker": simulation.picker,
        "result": simulation.result,
        "example_url": f"{reverse('funding:simulator')}?{simulation.form.example_query(EXAMPLE_EPCI)}",
    }
    return context | (_result_context(simulation, simulation.result) if simulation.result else {})


def _result_context(simulation: Simulation, result: SimulationResult) -> dict[str, Any]:
    schedule = result.schedule
    by_date = schedule.by_date()
    return {
        "terms": schedule.terms,
        "total": schedule.total,
        "ends_on": schedule.years[-1].next_anniversary,
        "first_payment": by_date[schedule.terms.signed_on],
        "thresholds": thresholds(result),
        "warnings": warnings(result),
        "contract_year_chart": contract_year_chart(schedule.by_contract_year()),
        "calendar_year_chart": calendar_year_chart(schedule.by_calendar_year()),
        "due_dates": [
            {
                "due_on": day,
                "amount": amount,
                "occasion": occasion(day, schedule.terms.signed_on),
                "path": reverse("funding:due_date", args=[day]),
            }
            for day, amount in by_date.items()
        ],
        "query": simulation.query,
        "xlsx_url": simulation.url("funding:schedule_xlsx"),
        "csv_url": simulation.url("funding:schedule_csv"),
        "ics_url": simulation.url("funding:schedule_ics"),
    }
