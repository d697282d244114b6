"""The payment schedule of a contract: the one place where its amounts are computed and added up."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from funding.engine.bareme import Bareme, Mission
from funding.engine.checks import check_terms
from funding.engine.contract_years import ContractYear, contract_years
from funding.engine.deadlines import late_start_alerts, missing_core_missions
from funding.engine.entitlements import Entitlement, entitlements
from funding.engine.enums import Share
from funding.engine.instalments import Instalment, instalments_of
from funding.engine.money import NOTHING
from funding.engine.terms import ContractTerms

ENGINE_VERSION = "1.0.0"
"""Stored with every statement; a change that can move a cent or a date changes it."""

Key = TypeVar("Key", int, date)


@dataclass(frozen=True, slots=True)
class Totals:
    """Amounts in euros, by share."""

    operating: Decimal
    fixed: Decimal
    variable: Decimal

    @property
    def total(self) -> Decimal:
        """The three shares together."""
        return self.operating + self.fixed + self.variable


@dataclass(frozen=True, slots=True)
class DueDate:
    """All that falls due on one day, in the order of the schedule."""

    day: date
    lines: tuple[Instalment, ...]

    @property
    def amount(self) -> Decimal:
        """What falls due that day, in euros."""
        return _total(self.lines)

    @property
    def payable_by(self) -> date:
        """The day by which all of it is paid: two texts that meet on an anniversary may give two delays."""
        return max(line.payable_by for line in self.lines)


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
        return _total(self.instalments)

    @property
    def missing_core_missions(self) -> tuple[Mission, ...]:
        """The core missions left out, to warn about."""
        return missing_core_missions(self.terms, self.years)

    @property
    def alerts(self) -> tuple[str, ...]:
        """French sentences about missions that start late."""
        return tuple(late_start_alerts(self.terms, self.years))

    @property
    def due_dates(self) -> tuple[DueDate, ...]:
        """The days on which something is due, in order."""
        days = self._grouped(lambda line: line.due_on)
        return tuple(DueDate(day, tuple(lines)) for day, lines in days.items())

    def by_date(self) -> dict[date, Decimal]:
        """Euros by due date, in order."""
        return {due.day: due.amount for due in self.due_dates}

    def by_contract_year(self) -> dict[int, Totals]:
        """Totals by contract year, an instalment counting for the year whose entitlement it pays."""
        grouped = self._grouped(lambda line: line.contract_year)
        return {number: _totals(grouped[number]) for number in sorted(grouped)}

    def by_calendar_year(self) -> dict[int, Totals]:
        """Totals by calendar year of the due dates, in order."""
        return {year: _totals(lines) for year, lines in self._grouped(lambda line: line.due_on.year).items()}

    def _grouped(self, key: Callable[[Instalment], Key]) -> dict[Key, list[Instalment]]:
        groups: dict[Key, list[Instalment]] = defaultdict(list)
        for line in self.instalments:
            groups[key(line)].append(line)
        return dict(groups)


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


def _total(lines: Sequence[Instalment]) -> Decimal:
    return sum((line.amount for line in lines), NOTHING)


def _totals(lines: Sequence[Instalment]) -> Totals:
    def of(share: Share) -> Decimal:
        return _total([line for line in lines if line.share is share])

    return Totals(operating=of(Share.OPERATING), fixed=of(Share.FIXED), variable=of(Share.VARIABLE))
