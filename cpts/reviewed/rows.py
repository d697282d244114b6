"""The CPTS that a reviewer may see, filtered, in order, with what is told of each. No row is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    Count,
    IntegerField,
    OuterRef,
    Prefetch,
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
from core.territories.domain.names import search_form, word_beginnings
from core.territories.domain.search import communes_named
from core.territories.models import Vintage
from funding.domain.baremes import size_of


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


@dataclass(frozen=True)
class StageCount:
    """How many CPTS are at a stage."""

    stage: Stage
    count: int


def departements_of(actor: Actor) -> list[tuple[str, str]]:
    """Return the départements where the CPTS of a scope have their seat, code then name. One query."""
    seats = Cpts.objects.visible_to(actor).order_by("departement_code", "departement_name")
    return list(dict(seats.values_list("departement_code", "departement_name").distinct()).items())


def found(actor: Actor, wanted: Wanted, day: date) -> QuerySet[Cpts]:
    """Return the CPTS of a scope that are looked for, at any stage; a search costs three queries."""
    rows = Cpts.objects.visible_to(actor)
    if wanted.departement:
        rows = rows.filter(departement_code=wanted.departement)
    return rows.filter(pk__in=_matching(rows, wanted.search, day)) if wanted.search else rows


def count_by_stage(rows: QuerySet[Cpts]) -> list[StageCount]:
    """Return how many of these CPTS are at each stage, in the order of stages. One query."""
    counts = dict(rows.order_by().values_list("stage").annotate(Count("pk")))
    return [StageCount(stage, counts.get(stage, 0)) for stage in Stage]


def listed(rows: QuerySet[Cpts], wanted: Wanted, day: date) -> QuerySet[Cpts]:
    """Return those of the wanted stage in the wanted order, ready to be told of (`told`)."""
    rows = rows.filter(stage=wanted.stage) if wanted.stage else rows
    return _ordered(rows, wanted.order, day).prefetch_related(
        Prefetch("territories", TerritoryVersion.objects.in_force(day), to_attr="held"),
        Prefetch("contracts", Contract.objects.running(day).order_by("-signed_on"), to_attr="running"),
    )


def told(rows: Iterable[Cpts], day: date) -> list[ReviewedCpts]:
    """Return what is told of these CPTS, which `listed` gave. One query: the overlaps."""
    shown = list(rows)
    overlaps = overlap_counts([row.pk for row in shown], day)
    return [_told(row, overlaps.get(row.pk, 0), day) for row in shown]


def _matching(rows: QuerySet[Cpts], search: str, day: date) -> set[int]:
    """Return which of these have the words in their name, or hold a commune whose name has them.

    Names are compared folded here, communes by the folded names of the official code. Read once: the list,
    its count and the stages would each search again.
    """
    beginnings, vintage = word_beginnings(search), Vintage.objects.current()
    if not beginnings:
        return set()
    named = {pk for pk, name in rows.values_list("pk", "name") if _begins_so(search_form(name), beginnings)}
    if vintage is None:
        return named
    codes = communes_named(search, vintage).values("code")
    holding = TerritoryVersion.objects.in_force(day).filter(communes__code__in=codes)
    return named | set(holding.values_list("cpts", flat=True))


def _begins_so(name: str, beginnings: Sequence[tuple[str, ...]]) -> bool:
    return all(any(each in name for each in alternatives) for alternatives in beginnings)


def _ordered(rows: QuerySet[Cpts], order: ReviewedOrder, day: date) -> QuerySet[Cpts]:
    if order is ReviewedOrder.NAME:
        return rows.order_by("name")
    if order is ReviewedOrder.POPULATION:
        territories = TerritoryVersion.objects.in_force(day).filter(cpts=OuterRef("pk"))
        return rows.order_by(Subquery(territories.values("population")[:1]).desc(nulls_last=True), "name")
    ranks = [When(stage=stage, then=Value(rank)) for rank, stage in enumerate(Stage)]
    return rows.order_by(Case(*ranks, output_field=IntegerField()), "name")


def _told(cpts: Cpts, overlap_count: int, day: date) -> ReviewedCpts:
    territory = next(iter(cpts.held), None)  # type: ignore[attr-defined]  # prefetched by `listed`
    contract = next(iter(cpts.running), None)  # type: ignore[attr-defined]
    size = contract.size if contract else _computed_size(territory, day)
    return ReviewedCpts(cpts, territory, contract, size, overlap_count)


def _computed_size(territory: TerritoryVersion | None, day: date) -> int | None:
    return size_of(territory.population, day, None) if territory and territory.population else None
