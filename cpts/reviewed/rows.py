"""The CPTS that a reviewer may see, filtered, in order, with what is told of each. No row is written."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import (
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)

from aci.models import Contract
from core.access.actors import Actor
from core.organisations.domain.overlaps import overlap_counts
from core.organisations.enums import Stage
from core.organisations.models import Cpts, TerritoryVersion
from core.territories.domain.named import cities_named
from core.territories.domain.names import word_beginnings, words_in
from core.territories.models import Vintage
from funding.domain.baremes import size_of

_TOLD = (
    "name",
    "slug",
    "departement_code",
    "departement_name",
    "stage",
    "stage_since",
    "stage_source",
)
_TOLD_OF_TERRITORIES = ("cpts", "population", "population_source", "commune_count")
_TOLD_OF_CONTRACTS = ("cpts", "signed_on", "ends_on", "size")


class ReviewedOrder(TextChoices):
    """In what order the list of a reviewer comes."""

    STAGE = "etape", "Étape"
    NAME = "nom", "Nom"
    POPULATION = "population", "Population"


@dataclass(frozen=True)
class Wanted:
    """What is looked for: "" where anything does."""

    search: str = ""
    stage: str = ""
    departement: str = ""
    order: ReviewedOrder = ReviewedOrder.STAGE


@dataclass(frozen=True)
class ReviewedCpts:
    """A CPTS as a reviewer reads it in a list: today's territory and contract, None without any.

    `size` is that of the contract, else the one that the population of the territory gives; None without
    either. `overlap_count` is the number of other CPTS that hold some of its communes.
    """

    cpts: Cpts
    territory: TerritoryVersion | None
    contract: Contract | None
    size: int | None
    overlap_count: int

    @property
    def size_source(self) -> str:
        """Where the size comes from, in French, "" without one."""
        if self.size is None:
            return ""
        return "au contrat" if self.contract else "calculée"


class Tally(NamedTuple):
    """How many CPTS of a scope have their seat in a département and are at a stage."""

    departement_code: str
    departement_name: str
    stage: str
    number: int


@dataclass(frozen=True)
class StageCount:
    """How many CPTS are at a stage."""

    stage: Stage
    count: int


@dataclass(frozen=True)
class Found:
    """The CPTS that are looked for, at any stage, and how many they are at each."""

    rows: QuerySet[Cpts]
    stages: list[StageCount]

    def count(self, stage: str) -> int:
        """Return how many are at a stage, at any for ""."""
        return sum(each.count for each in self.stages if stage in ("", each.stage))


def tally_of(actor: Actor) -> list[Tally]:
    """Return the CPTS of a scope counted, in the order of départements. One query."""
    place = ("departement_code", "departement_name")
    rows = Cpts.objects.visible_to(actor).order_by(*place).values_list(*place, "stage")
    return [Tally(*row) for row in rows.annotate(Count("pk"))]


def departements_of(tally: Iterable[Tally]) -> list[tuple[str, str]]:
    """Return the départements where the CPTS of a scope have their seat, code then name."""
    return list({each.departement_code: each.departement_name for each in tally}.items())


def found(actor: Actor, tally: Iterable[Tally], wanted: Wanted, day: date) -> Found:
    """Return the CPTS of a scope that are looked for, at any stage; a search costs four queries at most."""
    rows = Cpts.objects.visible_to(actor)
    if wanted.departement:
        rows = rows.filter(departement_code=wanted.departement)
    if wanted.search:
        matching = _matching(rows, wanted.search, day)
        # They were read in the scope: their list need not look for the scope again.
        return Found(Cpts.objects.filter(pk__in=matching), _in_order(Counter(matching.values())))
    counts: Counter[str] = Counter()
    for each in tally:
        if wanted.departement in ("", each.departement_code):
            counts[each.stage] += each.number
    return Found(rows, _in_order(counts))


def count_by_stage(rows: QuerySet[Cpts]) -> list[StageCount]:
    """Return how many of these CPTS are at each stage, in the order of stages. One query."""
    return _in_order(dict(rows.order_by().values_list("stage").annotate(Count("pk"))))


def _in_order(counts: Mapping[str, int]) -> list[StageCount]:
    return [StageCount(stage, counts.get(stage, 0)) for stage in Stage]


def listed(rows: QuerySet[Cpts], wanted: Wanted, day: date) -> QuerySet[Cpts]:
    """Return those of the wanted stage in the wanted order, with the columns that are told (`told`)."""
    rows = rows.filter(stage=wanted.stage) if wanted.stage else rows
    return _ordered(rows, wanted.order, day).only(*_TOLD)


def told(rows: Iterable[Cpts], day: date) -> list[ReviewedCpts]:
    """Return what is told of these CPTS, which `listed` gave. Three queries more than theirs."""
    shown = {row.pk: row for row in rows}
    held = TerritoryVersion.objects.in_force(day).filter(cpts__in=shown).only(*_TOLD_OF_TERRITORIES)
    territories = {each.cpts_id: each for each in held}
    # The last one signed is kept.
    running = Contract.objects.running(day).filter(cpts__in=shown).only(*_TOLD_OF_CONTRACTS)
    contracts = {each.cpts_id: each for each in running.order_by("signed_on")}
    overlaps = overlap_counts(shown, day)
    return [
        _told(row, territories.get(pk), contracts.get(pk), overlaps.get(pk, 0), day)
        for pk, row in shown.items()
    ]


def _matching(rows: QuerySet[Cpts], search: str, day: date) -> dict[int, str]:
    """Return those of these that have the words in their name, or hold a commune so named; key to stage.

    Read once: the list and the stages would each search again.
    """
    if not word_beginnings(search):
        return {}
    wanted = words_in("search_name", search) | Q(pk__in=_holding(search, day))
    return dict(rows.filter(wanted).values_list("pk", "stage"))


def _holding(search: str, day: date) -> set[int]:
    """Return which CPTS hold a commune whose name has the words."""
    vintage = Vintage.objects.current()
    if vintage is None:
        return set()
    cities = cities_named(search, vintage)
    # By city: this column has an index, the code alone has none.
    held = TerritoryVersion.objects.in_force(day).filter(communes__city_code__in=set(cities.values()))
    return {cpts for cpts, code in held.values_list("cpts", "communes__code") if code in cities}


def _ordered(rows: QuerySet[Cpts], order: ReviewedOrder, day: date) -> QuerySet[Cpts]:
    if order is ReviewedOrder.NAME:
        return rows.order_by("name")
    if order is ReviewedOrder.POPULATION:
        territories = TerritoryVersion.objects.in_force(day).filter(cpts=OuterRef("pk"))
        return rows.order_by(Subquery(territories.values("population")[:1]).desc(nulls_last=True), "name")
    ranks = [When(stage=stage, then=Value(rank)) for rank, stage in enumerate(Stage)]
    return rows.order_by(Case(*ranks, output_field=IntegerField()), "name")


def _told(
    cpts: Cpts,
    territory: TerritoryVersion | None,
    contract: Contract | None,
    overlap_count: int,
    day: date,
) -> ReviewedCpts:
    size = contract.size if contract else _computed_size(territory, day)
    return ReviewedCpts(cpts, territory, contract, size, overlap_count)


def _computed_size(territory: TerritoryVersion | None, day: date) -> int | None:
    return size_of(territory.population, day, None) if territory and territory.population else None
