"""What a person should notice in a simulated schedule before signing: missions, thresholds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aci.domain.anniversaries import anniversary
from core.territories.domain.selection import Distance, distances
from core.ui.formatting import number
from funding.domain.simulation import SimulationResult
from funding.engine import CONTRACT_YEARS, PaymentSchedule

COHERENT_POPULATION = 15_000
"""Below, a pré-projet is asked for its coherence, never refused (domain reference, section 3)."""


def warnings(result: SimulationResult) -> list[str]:
    """Return French sentences, the gravest first; none of them stops the calculation."""
    return [
        *missing_missions(result.schedule),
        *result.schedule.alerts,
        *_small_population(result),
        *_uncounted(result),
    ]


def missing_missions(schedule: PaymentSchedule) -> Iterator[str]:
    """Yield the French sentence about the core missions left out, if any."""
    names = [f"«\u00a0{mission.label}\u00a0»" for mission in schedule.missing_core_missions]
    if names:
        yield (
            f"Il manque au moins une mission socle\u00a0: {', '.join(names)}. "
            "Un projet qui en laisse une de côté ne peut être ni reconnu ni financé."
        )


@dataclass(frozen=True)
class Threshold:
    """A population that changes something: what it changes, and how far the CPTS is from it."""

    label: str
    distance: Distance

    @property
    def reached(self) -> bool:
        """Whether the population is on the far side of the threshold."""
        return not self.distance.missing


def thresholds(result: SimulationResult) -> list[Threshold]:
    """Return the distance to every threshold, lowest first; nothing when no population is known."""
    if result.population is None:
        return []
    bands = result.schedule.years[0].bareme.size_bands[1:]
    labels = {COHERENT_POPULATION: f"Cohérence du territoire ({number(COHERENT_POPULATION)})"}
    labels |= {
        band.first_population: f"Taille {band.size} ({_from(band.first_population)})" for band in bands
    }
    return [
        Threshold(labels[distance.threshold], distance)
        for distance in distances(result.population, list(labels))
    ]


def _from(first_population: int) -> str:
    """The texts say « plus de 175 000 » where a size starts at 175 001."""
    round_figure = first_population - 1
    return number(first_population) if round_figure % 10 else f"plus de {number(round_figure)}"


def occasion(day: date, signed_on: date) -> str:
    """Return why something is due on `day`: signature, anniversary or start of missions."""
    if day == signed_on:
        return "Signature"
    for year in range(1, CONTRACT_YEARS + 1):
        if day == anniversary(signed_on, year):
            return f"{'1er' if year == 1 else f'{year}e'}\u00a0anniversaire"
    return "Démarrage de mission"


def _small_population(result: SimulationResult) -> Iterator[str]:
    if result.population is not None and result.population < COHERENT_POPULATION:
        yield (
            f"Moins de {number(COHERENT_POPULATION)} habitants\u00a0: "
            "l’agence demandera d’expliquer la cohérence du territoire."
        )


def _uncounted(result: SimulationResult) -> Iterator[str]:
    names = [commune.name for commune in result.territory.without_figure] if result.territory else []
    if names:
        yield f"Sans chiffre de population, donc non comptés\u00a0: {', '.join(names)}."
