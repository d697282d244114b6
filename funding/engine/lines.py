"""What a statement stores and shows: its lines, and the key that finds a line again in the next statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funding.engine.bareme import OPERATING_CODE
from funding.engine.contract_years import ContractYear
from funding.engine.enums import InstalmentKind, Share
from funding.engine.instalments import Instalment
from funding.engine.schedule import PaymentSchedule

SHARES = tuple(Share)
KINDS = tuple(InstalmentKind)


@dataclass(frozen=True, slots=True)
class LineKey:
    """What a line pays, whatever its amount and its dates: unique in a statement, stable across them.

    `rank` is 0 for a line of the schedule and n for its nth adjustment, whose other fields are those of the
    line it settles: `kind` is never `ADJUSTMENT`.
    """

    contract_year: int
    mission: str
    share: Share
    kind: InstalmentKind
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """One line of a statement: a payment of the schedule, or the adjustment of one, in euros to the cent.

    An adjustment counts for the contract year, the mission and the share of the line it settles.
    """

    key: LineKey
    due_on: date
    payable_by: date
    mission_label: str
    amount: Decimal
    explanation: str

    @property
    def contract_year(self) -> int:
        """The year whose entitlement is paid or corrected, 1 to 5."""
        return self.key.contract_year

    @property
    def mission(self) -> str:
        """The code of the mission."""
        return self.key.mission

    @property
    def share(self) -> Share:
        """The share that is paid or corrected."""
        return self.key.share

    @property
    def kind(self) -> InstalmentKind:
        """How the line pays; that of the line an adjustment settles is in `settles`."""
        return InstalmentKind.ADJUSTMENT if self.key.rank else self.key.kind

    @property
    def settles(self) -> LineKey | None:
        """The line of the schedule that an adjustment corrects, None for the lines of the schedule."""
        return family(self.key) if self.key.rank else None


def family(key: LineKey) -> LineKey:
    """What a line and its adjustments have in common: the key of the line of the schedule."""
    return LineKey(key.contract_year, key.mission, key.share, key.kind)


def key_of(instalment: Instalment) -> LineKey:
    """The key of a payment of the schedule: an entitlement never has two payments of one kind."""
    return LineKey(instalment.contract_year, instalment.mission, instalment.share, instalment.kind)


def line_of(instalment: Instalment) -> ScheduleLine:
    """A payment of the schedule as a statement holds it, its explanation in words."""
    return ScheduleLine(
        key=key_of(instalment),
        due_on=instalment.due_on,
        payable_by=instalment.payable_by,
        mission_label=instalment.explanation.entitlement.mission_label,
        amount=instalment.amount,
        explanation=instalment.explanation.text,
    )


def lines_of(schedule: PaymentSchedule) -> tuple[ScheduleLine, ...]:
    """The lines of a schedule of which nothing has been received."""
    return tuple(line_of(instalment) for instalment in schedule.instalments)


def by_key(lines: Iterable[ScheduleLine]) -> dict[LineKey, ScheduleLine]:
    """These lines by key, in their order. Raises ValueError on a line met twice: money would count double."""
    found: dict[LineKey, ScheduleLine] = {}
    for line in lines:
        if found.setdefault(line.key, line) is not line:
            raise ValueError(f"two lines for {line.key}")
    return found


def in_order(lines: Iterable[ScheduleLine], years: Sequence[ContractYear]) -> tuple[ScheduleLine, ...]:
    """Lines in the order of the schedule, the adjustments of a day after all that falls due that day.

    A received line may be of a mission that the text of its year no longer has: such missions come last.
    """
    places = {
        (year.number, code): place
        for year in years
        for place, code in enumerate((OPERATING_CODE, *(mission.code for mission in year.bareme.missions)))
    }

    def position(line: ScheduleLine) -> tuple[date, bool, int, int, str, int, int, int]:
        key = line.key
        place = places.get((key.contract_year, key.mission), len(places))
        shares_and_kinds = SHARES.index(key.share), KINDS.index(key.kind)
        return line.due_on, key.rank > 0, key.contract_year, place, key.mission, *shares_and_kinds, key.rank

    return tuple(sorted(lines, key=position))
