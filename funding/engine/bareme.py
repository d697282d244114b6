"""A conventional text in force from a date: who is paid what, when, and where it is written.

Amounts are whole euros by size of community. The data comes from one TOML file per text, read by
`funding.engine.bareme_file`; nothing here knows the name of a text or an amount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funding.engine.enums import Condition, MissionKind, Share
from funding.engine.errors import EngineError

OPERATING_CODE = "fonctionnement"

Amounts = Mapping[int, int]
"""Euros by size of community."""


@dataclass(frozen=True, slots=True)
class SizeBand:
    """The communities whose population starts at `first_population` and stops before the next band."""

    size: int
    first_population: int


@dataclass(frozen=True, slots=True)
class Component:
    """One line of the table: an amount by size, for a share of a mission, due on a condition."""

    label: str
    share: Share
    condition: Condition
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Mission:
    """A mission of the text; the months of its two deadlines are None when the text leaves them free."""

    code: str
    label: str
    kind: MissionKind
    components: tuple[Component, ...]
    start_within_months: int | None = None
    deployed_within_months: int | None = None


@dataclass(frozen=True, slots=True)
class Supplement:
    """An amount a contract opts into, added to the amount of one share of one mission."""

    code: str
    label: str
    mission: str
    share: Share
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class PaymentRules:
    """How the text pays: advances (rate between 0 and 1), delay, and the first year's operating share."""

    advance_rate: Decimal
    payable_within_months: int
    first_operating_year_in_full: bool


@dataclass(frozen=True, slots=True)
class PublishedTotal:
    """A yearly total printed by a source, with what it counts beside the operating share."""

    label: str
    conditions: tuple[Condition, ...]
    supplements: tuple[str, ...]
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Reference:
    """Where the text was published."""

    title: str
    publication: str


@dataclass(frozen=True, slots=True)
class Bareme:
    """One conventional text, complete: later texts never refer to earlier ones."""

    code: str
    title: str
    effective_from: date
    reference: Reference
    size_bands: tuple[SizeBand, ...]
    operating: Component
    missions: tuple[Mission, ...]
    supplements: tuple[Supplement, ...]
    payment_rules: PaymentRules
    published_totals: tuple[PublishedTotal, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the text, smallest first."""
        return tuple(band.size for band in self.size_bands)

    @property
    def thresholds(self) -> tuple[int, ...]:
        """The populations from which a community changes size, lowest first."""
        return tuple(band.first_population for band in self.size_bands[1:])

    @property
    def core_missions(self) -> tuple[Mission, ...]:
        """The missions a contract under this text must hold."""
        return tuple(mission for mission in self.missions if mission.kind is MissionKind.CORE)

    def knows(self, mission_code: str) -> bool:
        """Whether the text funds this mission."""
        return any(mission.code == mission_code for mission in self.missions)

    def counted_total(self, total: PublishedTotal, size: int) -> int:
        """The sum of this text's own table for what `total` says it counts, in euros for one size."""
        components = (
            component.amounts[size]
            for mission in self.missions
            for component in mission.components
            if component.condition in total.conditions
        )
        supplements = (
            supplement.amounts[size]
            for supplement in self.supplements
            if supplement.code in total.supplements
        )
        return self.operating.amounts[size] + sum(components) + sum(supplements)


def size_for_population(population: int, bareme: Bareme) -> int:
    """The size of a community covering `population` inhabitants.

    Bands are half-open (domain reference, section 3; rule of ours for 80 000 exactly): 39 999 is size 1 and
    40 000 size 2, while 175 000 is still size 3. Raises EngineError on a population below 1.
    """
    if population < 1:
        raise EngineError({"population": "La population doit compter au moins un habitant."})
    return max(band.size for band in bareme.size_bands if band.first_population <= population)


def known_mission_codes(baremes: Sequence[Bareme]) -> tuple[str, ...]:
    """Every mission code of these texts, in the order of the latest one that lists it."""
    return tuple(dict.fromkeys(mission.code for bareme in reversed(baremes) for mission in bareme.missions))
