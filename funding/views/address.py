"""A simulation read from the address: one loader for the page, its parts and its downloads."""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.territories.forms import TerritoryPicker
from funding.domain.simulation import SimulationError, SimulationResult, parse_simulation, run_simulation
from funding.forms.simulation import SimulationForm


@dataclass(frozen=True)
class Simulation:
    """What the address says: the form, the territory being chosen, the result when both are right."""

    form: SimulationForm
    picker: TerritoryPicker
    result: SimulationResult | None

    @cached_property
    def query(self) -> str:
        """The address' query in its canonical form: the same simulation always has the same one."""
        # A list of codes keeps its commas: escaped, they would triple the length of a long territory.
        return urlencode(self.form.canonical_items() + self.picker.canonical_items(), safe=",")

    @property
    def payload(self) -> dict[str, Any]:
        """The simulation as `manage.py simulate` reads it; only when the form is valid."""
        population = self.form.typed_population
        return self.form.payload(
            {"territory": self.picker.codes} if population is None else {"population": population}
        )

    @property
    def digest(self) -> str:
        """A short name for the simulation, made from its query."""
        return sha256(self.query.encode()).hexdigest()[:16]

    def url(self, name: str, *args: object) -> str:
        """Return the path of a page of this simulation."""
        return f"{reverse(name, args=args)}?{self.query}"

    @property
    def share_url(self) -> str:
        """The full address to send to somebody."""
        return settings.SITE_URL + self.url("funding:simulator")


def load_simulation(request: HttpRequest) -> Simulation:
    """Read the simulation in the request's query; never raises, the form tells what is wrong."""
    form = SimulationForm(request.GET, today=timezone.localdate())
    picker = TerritoryPicker.from_query(request.GET)
    return Simulation(form, picker, _run(form, picker, adding="ajouter" in request.GET))


def _run(form: SimulationForm, picker: TerritoryPicker, *, adding: bool) -> SimulationResult | None:
    if not form.is_valid():
        return None
    population = form.typed_population
    territory = picker.selection if population is None else None
    if territory is not None and not _has_territory(form, picker, adding=adding):
        return None
    try:
        # The picker has read the territory already: reading it again would double the page's work.
        extent = {"population": territory.population if territory else population}
        return run_simulation(replace(parse_simulation(form.payload(extent)), territory=territory))
    except SimulationError as error:
        form.show_refusals(error.errors)
        return None


def _has_territory(form: SimulationForm, picker: TerritoryPicker, *, adding: bool) -> bool:
    """Whether a population can be read from the territory; says on the form why not.

    A refused addition leaves the territory as it was. A code of the address that cannot be used makes it
    another territory than the one meant: nothing is computed then.
    """
    if picker.is_empty:
        form.add_error_once("source", "Choisissez au moins une commune, ou donnez un nombre d’habitants.")
    elif picker.errors and not adding:
        form.add_error_once("source", " ".join(picker.errors))
    elif not picker.selection.population:
        form.add_error_once("source", "Ce territoire n’a pas d’habitant\u00a0: ajoutez une commune habitée.")
    return not form.errors
