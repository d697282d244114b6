"""Input of the simulator: a French address bar in, the payload of `manage.py simulate` out.

Every field lives in the address, so that a simulation can be shared, reloaded and exported as it stands.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from funding.forms.terms import POPULATION, TERRITORY, TermsForm


class SimulationForm(TermsForm):
    """What a five-year schedule depends on, and where the population comes from."""

    field_order = ("source", "population")

    source = forms.ChoiceField(
        label="Population couverte",
        choices=[(TERRITORY, "Je choisis les communes"), (POPULATION, "Je connais le nombre d’habitants")],
        widget=forms.RadioSelect,
        initial=TERRITORY,
    )
    population = forms.IntegerField(
        label="Nombre d’habitants", required=False, min_value=1, max_value=100_000_000, localize=False
    )

    def __init__(self, query: QueryDict, *, today: date) -> None:
        """Bind to the address' query; without a signature it is a blank page, the core missions ticked.

        A field that the query leaves out has its initial value: the canonical address says only the others.
        """
        super().__init__(self._completed(query) if "signature" in query else None)
        self.initial["signature"] = today

    def _completed(self, query: QueryDict) -> QueryDict:
        data = query.copy()
        for name, field in self.base_fields.items():
            if field.initial is not None:
                data.setdefault(name, str(field.initial))
        return data

    def canonical_items(self) -> list[tuple[str, str]]:
        """Return what the address must carry: every value that was typed and is not the initial one.

        The signature and the missions always stand: what a blank page proposes for them (`self.initial`)
        changes with the day and with the texts.
        """
        if not self.is_bound:
            return []
        data = cast("QueryDict", self.data)
        return [
            (name, value)
            for name in self.fields
            for value in data.getlist(name)
            if value and value != str(self.fields[name].initial)
        ]

    def example_query(self, epci: str) -> str:
        """Return the query of a first simulation to look at: these EPCI, core missions, today."""
        missions = [("missions", code) for code in self.initial["missions"]]
        return urlencode([("signature", self.initial["signature"].isoformat()), *missions, ("epci", epci)])

    def payload(self, extent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the simulation as `manage.py simulate` reads it; only for a valid form.

        `extent` is what the size is read from: `{"population": n}` or `{"territory": codes}`.
        """
        cleaned = self.cleaned_data
        payload = {
            "signed_on": cleaned["signature"].isoformat(),
            "missions": {code: start.isoformat() for code, start in self.starts.items()},
            "default_attainment": str(self.rate),
            "proration": cleaned["proration"],
            "prorate_first_variable": cleaned["prorata_variable"] == "oui",
            "crisis_years": cleaned["crises"],
            "supplements": cleaned["supplements"],
        }
        for key, field in (("bareme", "bareme"), ("crisis_plan_year", "plan_crise")):
            if cleaned[field]:
                payload[key] = cleaned[field]
        return payload | dict(extent)

    @property
    def typed_population(self) -> int | None:
        """The number of inhabitants, None when the population is that of a territory; for a valid form."""
        return self.cleaned_data["population"] if self.cleaned_data["source"] == POPULATION else None

    def clean(self) -> dict[str, Any]:
        """A population is asked for when it is the chosen source."""
        cleaned = super().clean() or {}
        if cleaned.get("source") == POPULATION and cleaned.get("population") is None:
            self.add_error_once("population", "Indiquez le nombre d’habitants, par exemple 60 200.")
        return cleaned
