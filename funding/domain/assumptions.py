"""What a simulated schedule rests on, in words: printed beside it, so that none is read without."""

from collections.abc import Iterator
from itertools import groupby

from core.ui.formatting import long_date, number, percent
from funding.domain.simulation import SimulationResult
from funding.engine import ContractTerms, PaymentSchedule, Proration

PRORATIONS = {Proration.DAYS: "au jour près", Proration.MONTHS: "en mois entiers"}


def assumptions(result: SimulationResult) -> list[tuple[str, str]]:
    """Return (label, value) pairs in French: size, population, text of each year, missions, settings."""
    terms = result.schedule.terms
    return [
        ("Signature du contrat", long_date(terms.signed_on)),
        ("Taille", str(result.size)),
        *_population(result),
        *texts_in_words(result.schedule),
        *_missions(result.schedule),
        ("Atteinte des objectifs", _attainment(terms)),
        *settings_in_words(result.schedule),
    ]


def settings_in_words(schedule: PaymentSchedule) -> Iterator[tuple[str, str]]:
    """Yield (label, value) pairs: how first years are prorated, the crisis plan, the supplements."""
    terms = schedule.terms
    yield "Prorata de la première année d’une mission", PRORATIONS[terms.proration]
    first_variable = "au prorata" if terms.prorate_first_variable else "en totalité"
    yield "Volet variable de la première année", first_variable
    yield from _crisis(terms)
    yield from _supplements(schedule)


def _population(result: SimulationResult) -> Iterator[tuple[str, str]]:
    if result.population is not None:
        yield "Population", f"{number(result.population)} habitants"
    if result.territory is not None:
        yield "Source de la population", result.territory.source


def texts_in_words(schedule: PaymentSchedule) -> Iterator[tuple[str, str]]:
    """Yield (label, value) pairs: the text that each contract year follows."""
    for title, years in groupby(schedule.years, key=lambda year: year.bareme.title):
        numbers = [year.number for year in years]
        yield _years_label("Texte appliqué", numbers), title


def _years_label(label: str, numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"{label}, année {numbers[0]}"
    return f"{label}, années {numbers[0]} à {numbers[-1]}"


def _missions(schedule: PaymentSchedule) -> Iterator[tuple[str, str]]:
    labels = {line.mission: line.mission_label for line in schedule.entitlements}
    for code, starts_on in schedule.terms.missions.items():
        yield f"Mission «\u00a0{labels[code]}\u00a0»", f"démarre le {long_date(starts_on)}"


def _attainment(terms: ContractTerms) -> str:
    return f"{percent(terms.default_attainment)} chaque année"


def _crisis(terms: ContractTerms) -> Iterator[tuple[str, str]]:
    if terms.crisis_plan_year is not None:
        yield "Année de première rédaction du plan de crise", str(terms.crisis_plan_year)
    if terms.crisis_years:
        yield "Années de crise sanitaire grave", ", ".join(str(year) for year in sorted(terms.crisis_years))


def _supplements(schedule: PaymentSchedule) -> Iterator[tuple[str, str]]:
    for supplement in {s.code: s for year in schedule.years for s in year.bareme.supplements}.values():
        if supplement.code in schedule.terms.supplements:
            yield "Supplément demandé", supplement.label
