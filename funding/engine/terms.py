"""The terms of a contract, as far as money is concerned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from funding.engine.enums import Proration

CONTRACT_YEARS = 5
"""A contract lasts five years from its signature (domain reference, section 2)."""

FULL_ATTAINMENT = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTerms:
    """What the engine needs to know of a contract.

    `missions` gives the start date of each mission by code; `attainment` the rate from 0 to 1 reached by a
    mission in a contract year, `default_attainment` standing for those not given. `bareme` is the code of
    the text the contract fixes, None letting each contract year follow the text in force on its first day.
    `crisis_plan_year` is the contract year in which the crisis plan is first written, None meaning the year
    the crisis mission starts. `size` is the one the contract states, and holds for its five years: a change
    of size comes by an amendment.
    """

    signed_on: date
    size: int
    missions: Mapping[str, date]
    bareme: str | None = None
    proration: Proration = Proration.DAYS
    prorate_first_variable: bool = True
    attainment: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)
    default_attainment: Decimal = FULL_ATTAINMENT
    crisis_plan_year: int | None = None
    crisis_years: frozenset[int] = frozenset()
    supplements: frozenset[str] = frozenset()

    def attainment_of(self, mission: str, contract_year: int) -> Decimal:
        """The rate from 0 to 1 that the variable share of this mission and year is paid at."""
        return self.attainment.get(mission, {}).get(contract_year, self.default_attainment)
