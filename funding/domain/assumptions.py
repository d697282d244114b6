"""What a simulated schedule rests on, in words: printed beside it, so that none is read without."""

from collections.abc import Iterator
from itertools import groupby

from core.ui.formatting import long_date, number, percent
from funding.domain.simulation import SimulationResult
from funding.engine import ContractTerms, PaymentSchedule, Proration

_PRORATIONS = {Proration.DAYS: "au jour près", Proration.MONTHS: "en mois entiers"}


def assumptions(result: SimulationResult) -> list[tuple[str, str]]:
    """Return (label, value) pairs in French: size, population, text of each year, missions, settings."""
    terms = result.schedule.terms
    return [
        ("Signature du contrat", long_date(terms.signed_on)),
        ("Taille", str(result.size)),
        *_population(result),
        *_texts(result.schedule),
        *_missions(result.schedule),
        ("Atteinte des objectifs", _attainment(terms)),
        ("Prorata de la première année d’une mission", _PRORATIONS[terms.proration]),
        (
            "Volet variable de la première année",
            "au prorata" if terms.prorate_first_variable else "en totalité",
        ),
        *_crisis(terms),
        *_supplements(result.schedule),
    ]


def _population(result: SimulationResult) -> Iterator[tuple[str, str]]:
    if result.population is not None:
        yield "Population", f"{number(result.population)} habitants"
    if result.territory is not None:
        yield "Source de la population", result.territory.source


def _texts(schedule: PaymentSchedule) -> Iterator[tuple[str, str]]:
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
