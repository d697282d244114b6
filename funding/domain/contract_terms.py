"""What a contract means for money: the engine's terms, the size, the latest days of its missions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aci.domain.contracts import ContractValues, values_of
from aci.models import Contract
from funding.domain.advice import missing_missions
from funding.domain.baremes import published_baremes
from funding.engine import (
    ContractTerms,
    MissionDeadlines,
    PaymentSchedule,
    Proration,
    compute_schedule,
    mission_deadlines,
)

Rates = Mapping[str, Mapping[int, Decimal]]
"""From 0 to 1, by mission and contract year."""


@dataclass(frozen=True)
class ContractOutlook:
    """What follows from the terms of a contract: its schedule, and the latest days of each mission."""

    schedule: PaymentSchedule
    deadlines: tuple[MissionDeadlines, ...]

    @property
    def ends_on(self) -> date:
        """The last anniversary."""
        return self.schedule.years[-1].next_anniversary

    @property
    def warnings(self) -> list[str]:
        """French sentences, the gravest first; none of them stops anything."""
        return [*missing_missions(self.schedule), *self.schedule.alerts]


def terms_of(contract: Contract) -> ContractTerms:
    """Return the terms of a contract as the engine takes them; no query after `with_terms()`."""
    return terms_from(values_of(contract), rates_of(contract))


def terms_from(values: ContractValues, rates: Rates | None = None) -> ContractTerms:
    """Return the terms of what a contract says, with the rates recorded so far."""
    return ContractTerms(
        signed_on=values.signed_on,
        size=values.size,
        missions=dict(values.missions),
        bareme=values.bareme or None,
        proration=Proration(values.proration),
        prorate_first_variable=values.prorate_first_variable,
        attainment={code: dict(years) for code, years in (rates or {}).items()},
        default_attainment=values.expected_attainment.normalize(),
        crisis_plan_year=values.crisis_plan_year,
        crisis_years=frozenset(values.crisis_years),
        supplements=frozenset(values.supplements),
    )


def rates_of(contract: Contract) -> dict[str, dict[int, Decimal]]:
    """Return the recorded rates, by mission and contract year; no query after `with_terms()`."""
    rates: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for row in contract.attainments.all():
        rates[row.mission][row.contract_year] = row.rate.normalize()
    return dict(rates)


def terms_payload(contract: Contract) -> dict[str, Any]:
    """Return the terms of a contract as `manage.py simulate` reads them: JSON values, the same for ever.

    What the contract leaves open is left out.
    """
    terms = terms_of(contract)
    payload = {
        "signed_on": terms.signed_on.isoformat(),
        "size": terms.size,
        "missions": {code: start.isoformat() for code, start in terms.missions.items()},
        "bareme": terms.bareme,
        "proration": terms.proration.value,
        "prorate_first_variable": terms.prorate_first_variable,
        "attainment": {
            code: {str(year): f"{rate:f}" for year, rate in years.items()}
            for code, years in terms.attainment.items()
        },
        "default_attainment": f"{terms.default_attainment:f}",
        "crisis_plan_year": terms.crisis_plan_year,
        "crisis_years": sorted(terms.crisis_years),
        "supplements": sorted(terms.supplements),
    }
    return {key: value for key, value in payload.items() if value is not None}


def outlook_of(terms: ContractTerms) -> ContractOutlook:
    """Return what follows from these terms. Raises EngineError, which says every fault."""
    schedule = compute_schedule(terms, published_baremes())
    return ContractOutlook(schedule, tuple(mission_deadlines(terms, schedule.years)))


def mission_labels() -> dict[str, str]:
    """Return the label of each mission by its code, as the latest text that knows it words it."""
    return {mission.code: mission.label for text in published_baremes() for mission in text.missions}
