"""The five years of a contract and the text each of them follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, date

from funding.engine.bareme import Bareme
from funding.engine.dates import add_months
from funding.engine.errors import EngineError
from funding.engine.french import listed, long_date, quoted
from funding.engine.terms import CONTRACT_YEARS, ContractTerms

LAST_SIGNATURE_YEAR = MAXYEAR - 2 * CONTRACT_YEARS
"""Beyond, the last payments would leave the calendar: every delay of a text is shorter than a contract."""


@dataclass(frozen=True, slots=True)
class ContractYear:
    """Contract year `number`: from `starts_on` to the eve of `next_anniversary`, under one text."""

    number: int
    starts_on: date
    next_anniversary: date
    bareme: Bareme = field(repr=False)

    @property
    def days(self) -> int:
        """The number of days of the year, 365 or 366."""
        return (self.next_anniversary - self.starts_on).days

    def holds(self, day: date) -> bool:
        """Whether this day belongs to the year; an anniversary opens the year that follows it."""
        return self.starts_on <= day < self.next_anniversary

    def payable_by(self, due_on: date) -> date:
        """The last day to pay what this year owes on `due_on`, within the months its text gives.

        Rule of ours: the delay that the texts set for what falls at an anniversary (domain reference,
        section 5, rule 6) also runs from the signature and from the start of a mission.
        """
        return add_months(due_on, self.bareme.payment_rules.payable_within_months)


def contract_years(terms: ContractTerms, baremes: Sequence[Bareme]) -> tuple[ContractYear, ...]:
    """The contract years, each with the text it follows.

    Year k runs from S + (k-1) years to S + k years, both counted from the signature S (domain reference,
    section 5). Raises EngineError on a text that is unknown or not yet in force, or a date out of reach.
    """
    signed_on = terms.signed_on
    if signed_on.year > LAST_SIGNATURE_YEAR:
        raise EngineError({"signed_on": "La date de signature est trop lointaine."})
    anniversaries = [add_months(signed_on, 12 * k) for k in range(CONTRACT_YEARS + 1)]
    return tuple(
        ContractYear(
            number=k,
            starts_on=anniversaries[k - 1],
            next_anniversary=anniversaries[k],
            bareme=applicable_bareme(anniversaries[k - 1], baremes, fixed=terms.bareme),
        )
        for k in range(1, CONTRACT_YEARS + 1)
    )


def applicable_bareme(first_day: date, baremes: Sequence[Bareme], fixed: str | None = None) -> Bareme:
    """The text a contract year follows: the one the contract fixes, else the latest in force that day.

    Rule of ours: a contract may fix a text before its date of effect, the texts being silent about it.
    Raises EngineError when the fixed code is unknown or no text is in force.
    """
    if fixed is not None:
        return _bareme_by_code(fixed, baremes)
    in_force = [bareme for bareme in baremes if bareme.effective_from <= first_day]
    if not in_force:
        sentence = f"Aucun texte conventionnel n’est en vigueur le {long_date(first_day)}."
        raise EngineError({"signed_on": sentence})
    return max(in_force, key=lambda bareme: bareme.effective_from)


def _bareme_by_code(code: str, baremes: Sequence[Bareme]) -> Bareme:
    for bareme in baremes:
        if bareme.code == code:
            return bareme
    known = listed(bareme.code for bareme in baremes)
    raise EngineError({"bareme": f"Le texte {quoted(code)} est inconnu\u00a0; textes connus\u00a0: {known}."})


def year_holding(day: date, years: Sequence[ContractYear]) -> ContractYear:
    """The contract year this day belongs to; the day must be within the contract."""
    return next(year for year in years if year.holds(day))
