"""The payment schedule of a contract: the one place where its amounts are computed and added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funding.engine import sums
from funding.engine.bareme import Bareme, Mission
from funding.engine.checks import check_terms
from funding.engine.contract_years import ContractYear, contract_years
from funding.engine.deadlines import late_start_alerts, missing_core_missions
from funding.engine.entitlements import Entitlement, entitlements
from funding.engine.instalments import Instalment, instalments_of
from funding.engine.sums import DueDate, Totals
from funding.engine.terms import ContractTerms

ENGINE_VERSION = "1.0.0"
"""Stored with every statement; a change that can move a cent or a date changes it, adjustments included."""


@dataclass(frozen=True, slots=True)
class PaymentSchedule:
    """Everything the contract pays, explained line by line.

    `instalments` are in order of due date, then contract year, then operating share first and missions in
    the order of the text, then share and kind.
    """

    terms: ContractTerms
    years: tuple[ContractYear, ...]
    entitlements: tuple[Entitlement, ...]
    instalments: tuple[Instalment, ...]

    @property
    def total(self) -> Decimal:
        """The whole contract, in euros."""
        return sums.total_amount(self.instalments)

    @property
    def missing_core_missions(self) -> tuple[Mission, ...]:
        """The core missions left out, to warn about."""
        return missing_core_missions(self.terms, self.years)

    @property
    def alerts(self) -> tuple[str, ...]:
        """French sentences about missions that start late."""
        return tuple(late_start_alerts(self.terms, self.years))

    @property
    def due_dates(self) -> tuple[DueDate[Instalment], ...]:
        """The days on which something is due, in order."""
        return sums.due_dates(self.instalments)

    def by_date(self) -> dict[date, Decimal]:
        """Euros by due date, in order."""
        return sums.by_date(self.instalments)

    def by_contract_year(self) -> dict[int, Totals]:
        """Totals by contract year, an instalment counting for the year whose entitlement it pays."""
        return sums.by_contract_year(self.instalments)

    def by_calendar_year(self) -> dict[int, Totals]:
        """Totals by calendar year of the due dates, in order."""
        return sums.by_calendar_year(self.instalments)


def compute_schedule(terms: ContractTerms, baremes: Sequence[Bareme]) -> PaymentSchedule:
    """The five-year payment schedule of a contract (domain reference, section 5).

    In: the terms, and every text that may apply. Raises EngineError, which says every fault it found.
    """
    years = contract_years(terms, baremes)
    check_terms(terms, years, baremes)
    due = tuple(entitlements(terms, years))
    lines = [line for entitlement in due for line in instalments_of(entitlement)]
    # Entitlements come year by year and in the order of the text: a stable sort by date is enough.
    lines.sort(key=lambda line: line.due_on)
    return PaymentSchedule(terms=terms, years=years, entitlements=due, instalments=tuple(lines))
