"""Everything that makes the terms of a contract impossible to compute, found in one pass."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from funding.engine.bareme import Bareme, known_mission_codes
from funding.engine.contract_years import ContractYear
from funding.engine.errors import EngineError
from funding.engine.french import listed, long_date, quoted, shown
from funding.engine.terms import CONTRACT_YEARS, ContractTerms

Fault = tuple[str, str]
"""The field at fault and the French sentence to show beside it."""

MOST_DECIMALS = 30
"""More would cost time for nothing: 1E-999999999 is a valid Decimal between 0 and 1."""


def check_terms(terms: ContractTerms, years: Sequence[ContractYear], baremes: Sequence[Bareme]) -> None:
    """Raise the EngineError that says the first fault of each field; `years` are those of the contract."""
    errors: dict[str, str] = {}
    for field, sentence in _faults(terms, years, baremes):
        errors.setdefault(field, sentence)
    if errors:
        raise EngineError(errors)


def _faults(
    terms: ContractTerms, years: Sequence[ContractYear], baremes: Sequence[Bareme]
) -> Iterator[Fault]:
    known_missions = known_mission_codes(baremes)
    labels = {mission.code: mission.label for bareme in baremes for mission in bareme.missions}
    yield from _size_faults(terms.size, years)
    for code, starts_on in terms.missions.items():
        if code in known_missions:
            yield from _start_faults(code, labels[code], starts_on, years)
        else:
            yield f"missions.{shown(code)}", _unknown_mission(code, known_missions)
    yield from _attainment_faults(terms, known_missions)
    yield from _crisis_faults(terms)
    yield from _supplement_faults(terms.supplements, baremes)


def _size_faults(size: int, years: Sequence[ContractYear]) -> Iterator[Fault]:
    for year in years:
        if size not in year.bareme.sizes:
            known = listed(str(known) for known in year.bareme.sizes)
            yield "size", f"La taille {size} n’existe pas\u00a0; tailles possibles\u00a0: {known}."


def _unknown_mission(code: str, known: Iterable[str]) -> str:
    return f"La mission {quoted(code)} est inconnue\u00a0; missions connues\u00a0: {listed(known)}."


def _start_faults(code: str, label: str, starts_on: date, years: Sequence[ContractYear]) -> Iterator[Fault]:
    """A mission starts within the contract, in years whose texts know it.

    Rule of ours: it must be known by the text of every year from its start on, not of the first one only;
    money that a later text no longer mentions is a question for people, not a zero.
    """
    field, begins = f"missions.{code}", f"La mission {quoted(label)} commence le {long_date(starts_on)}"
    signed_on, ends_on = years[0].starts_on, years[-1].next_anniversary
    if starts_on < signed_on:
        yield field, f"{begins}, avant la signature du contrat ({long_date(signed_on)})."
    elif starts_on >= ends_on:
        yield field, f"{begins}, alors que le contrat se termine le {long_date(ends_on)}."
    for year in years:
        if starts_on < year.next_anniversary and not year.bareme.knows(code):
            text, number = quoted(year.bareme.title), year.number
            sentence = (
                f"Le texte {text}, qui régit l’année {number}, ne connaît pas la mission {quoted(label)}."
            )
            yield field, sentence


def _attainment_faults(terms: ContractTerms, known_missions: Sequence[str]) -> Iterator[Fault]:
    """Rates from 0 to 1; a known mission that is not in the contract is of no consequence."""
    yield from _rate_faults("default_attainment", terms.default_attainment)
    for code, rates in terms.attainment.items():
        field = f"attainment.{shown(code)}"
        if code not in known_missions:
            yield field, _unknown_mission(code, known_missions)
        for year, rate in rates.items():
            yield from _year_faults(f"{field}.{year}", year)
            yield from _rate_faults(f"{field}.{year}", rate)


def _rate_faults(field: str, rate: Decimal) -> Iterator[Fault]:
    if not (rate.is_finite() and 0 <= rate <= 1):
        yield field, "Un taux d’atteinte est compris entre 0 et 1."
    elif not -MOST_DECIMALS <= int(rate.as_tuple().exponent) <= 0:
        yield field, f"Un taux d’atteinte compte au plus {MOST_DECIMALS} décimales."


def _crisis_faults(terms: ContractTerms) -> Iterator[Fault]:
    if terms.crisis_plan_year is not None:
        yield from _year_faults("crisis_plan_year", terms.crisis_plan_year)
    for year in sorted(terms.crisis_years):
        yield from _year_faults("crisis_years", year)


def _year_faults(field: str, year: int) -> Iterator[Fault]:
    if not 1 <= year <= CONTRACT_YEARS:
        yield field, f"Les années du contrat vont de 1 à {CONTRACT_YEARS}, pas {year}."


def _supplement_faults(supplements: Iterable[str], baremes: Sequence[Bareme]) -> Iterator[Fault]:
    """Supplements known by some text; those the text of a year does not have simply do not count then."""
    known = sorted({supplement.code for bareme in baremes for supplement in bareme.supplements})
    for code in sorted(supplements):
        if code not in known:
            sentence = (
                f"Le supplément {quoted(code)} est inconnu\u00a0; suppléments connus\u00a0: {listed(known)}."
            )
            yield "supplements", sentence
