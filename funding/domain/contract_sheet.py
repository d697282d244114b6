"""A contract as it is read on a day: its years, where each mission stands, the rates recorded so far."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from aci.domain.anniversaries import begun_years
from aci.models import Contract
from funding.domain.assumptions import settings_in_words, texts_in_words
from funding.domain.contract_terms import ContractOutlook, outlook_of, rates_of, terms_of
from funding.engine import ContractYear, MissionDeadlines, MissionKind


@dataclass(frozen=True)
class Standing:
    """Where something stands: the kind of its mark on screens, and its French word."""

    kind: str
    label: str


OVER, RUNNING, COMING = (
    Standing("neutral", "Terminée"),
    Standing("success", "En cours"),
    Standing("info", "À venir"),
)
LATE = Standing("danger", "En retard")
LATE_START = Standing("warning", "Démarrée en retard")
LATE_PLAN = Standing("warning", "Prévue trop tard")


@dataclass(frozen=True)
class SheetYear:
    """A contract year and where it stands."""

    year: ContractYear
    standing: Standing

    @property
    def last_day(self) -> date:
        """The eve of the next anniversary."""
        return self.year.next_anniversary - timedelta(days=1)

    @property
    def is_current(self) -> bool:
        """Whether the day looked at is in it."""
        return self.standing is RUNNING


@dataclass(frozen=True)
class RateCell:
    """The rate of a mission for a contract year; `is_open` when one may be recorded."""

    contract_year: int
    rate: Decimal | None
    is_open: bool


@dataclass(frozen=True)
class SheetMission:
    """A mission: its latest days, where it stands, its rates."""

    deadlines: MissionDeadlines
    standing: Standing
    deployment_is_past: bool
    rates: tuple[RateCell, ...]

    @property
    def kind(self) -> str:
        """« socle » or « optionnelle »."""
        return "socle" if self.deadlines.mission.kind is MissionKind.CORE else "optionnelle"


@dataclass(frozen=True)
class RateYear:
    """The rates of a contract year: `is_open` when some may be recorded, the missions that miss theirs."""

    year: ContractYear
    is_open: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ContractSheet:
    """All that follows from a contract on a day."""

    outlook: ContractOutlook
    years: tuple[SheetYear, ...]
    missions: tuple[SheetMission, ...]

    @property
    def rate_years(self) -> list[RateYear]:
        """The contract years, each with what is to be recorded for it."""
        return [self._rate_year(each.year) for each in self.years]

    def _rate_year(self, year: ContractYear) -> RateYear:
        is_recorded = {
            mission.deadlines.mission.label: cell.rate is not None
            for mission in self.missions
            for cell in mission.rates
            if cell.contract_year == year.number and cell.is_open
        }
        missing = tuple(label for label, recorded in is_recorded.items() if not recorded)
        return RateYear(year, is_open=bool(is_recorded), missing=missing)

    @property
    def settings(self) -> list[tuple[str, str]]:
        """(Label, value) pairs in French: the text of each year, and how the calculation is done."""
        schedule = self.outlook.schedule
        return [*texts_in_words(schedule), *settings_in_words(schedule)]


def sheet_of(contract: Contract, today: date) -> ContractSheet:
    """Return a contract as it is read today; no query after `with_terms()`.

    Raises EngineError when its terms can no longer be computed.
    """
    outlook = outlook_of(terms_of(contract))
    return ContractSheet(
        outlook=outlook,
        years=tuple(SheetYear(year, _year_standing(year, today)) for year in outlook.schedule.years),
        missions=tuple(_mission(each, contract, outlook, today) for each in outlook.deadlines),
    )


def _year_standing(year: ContractYear, today: date) -> Standing:
    if today >= year.next_anniversary:
        return OVER
    return RUNNING if year.holds(today) else COMING


def _mission(
    deadlines: MissionDeadlines, contract: Contract, outlook: ContractOutlook, today: date
) -> SheetMission:
    rates = rates_of(contract).get(deadlines.mission.code, {})
    begun = begun_years(contract.signed_on, today)
    return SheetMission(
        deadlines=deadlines,
        standing=mission_standing(deadlines, contract.ends_on, today),
        deployment_is_past=deadlines.deployed_by is not None and deadlines.deployed_by < today,
        rates=tuple(
            RateCell(
                contract_year=year.number,
                rate=rates.get(year.number),
                is_open=year.number in begun and deadlines.starts_on < year.next_anniversary,
            )
            for year in outlook.schedule.years
        ),
    )


def mission_standing(deadlines: MissionDeadlines, ends_on: date, today: date) -> Standing:
    """Return where a mission stands on a day. Lateness is told, it suspends nothing by itself."""
    if today >= ends_on:
        return OVER
    if deadlines.starts_on <= today:
        return LATE_START if deadlines.is_late else RUNNING
    if not deadlines.is_late:
        return COMING
    return LATE if deadlines.start_by is not None and deadlines.start_by < today else LATE_PLAN
