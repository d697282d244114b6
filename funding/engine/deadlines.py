"""The latest dates of each mission. A late mission raises an alert; it suspends nothing by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from funding.engine.bareme import Mission
from funding.engine.contract_years import ContractYear
from funding.engine.dates import add_months
from funding.engine.french import long_date, quoted
from funding.engine.terms import ContractTerms


def start_deadline(mission: Mission, counted_from: date) -> date | None:
    """The last day to start a mission, None when the text leaves it free.

    `counted_from` is the signature of the contract (domain reference, section 4). Rule of ours: for a
    mission that a later text brings, it is the first day of the first contract year under that text, for
    nobody could start it before.
    """
    return _deadline(mission.start_within_months, counted_from)


def deployment_deadline(mission: Mission, counted_from: date) -> date | None:
    """The last day to have a mission fully deployed, None when the text leaves it free; see above."""
    return _deadline(mission.deployed_within_months, counted_from)


@dataclass(frozen=True, slots=True)
class MissionDeadlines:
    """A mission of a contract, its start, and its latest days (None when its text leaves them free)."""

    mission: Mission
    starts_on: date
    start_by: date | None
    deployed_by: date | None

    @property
    def is_late(self) -> bool:
        """Whether the mission starts after the last day to do so."""
        return self.start_by is not None and self.starts_on > self.start_by


def mission_deadlines(terms: ContractTerms, years: Sequence[ContractYear]) -> Iterator[MissionDeadlines]:
    """The latest days of each mission, in the order of the terms; in: checked terms."""
    for code, starts_on in terms.missions.items():
        mission, counted_from = _first_known(code, years)
        yield MissionDeadlines(
            mission=mission,
            starts_on=starts_on,
            start_by=start_deadline(mission, counted_from),
            deployed_by=deployment_deadline(mission, counted_from),
        )


def late_start_alerts(terms: ContractTerms, years: Sequence[ContractYear]) -> Iterator[str]:
    """One French sentence for each mission that starts after its deadline; in: checked terms."""
    for each in mission_deadlines(terms, years):
        if each.start_by is not None and each.is_late:
            name, starts_on = f"La mission {quoted(each.mission.label)}", long_date(each.starts_on)
            yield f"{name} commence le {starts_on}, après la date limite du {long_date(each.start_by)}."


def missing_core_missions(terms: ContractTerms, years: Sequence[ContractYear]) -> tuple[Mission, ...]:
    """The core missions of the contract's texts that the contract leaves out, in the order of the texts.

    A project without them cannot be recognised (domain reference, section 4), which is for people to say:
    the engine computes what it is given.
    """
    core = {mission.code: mission for year in years for mission in year.bareme.core_missions}
    return tuple(mission for code, mission in core.items() if code not in terms.missions)


def _deadline(months: int | None, counted_from: date) -> date | None:
    return None if months is None else add_months(counted_from, months)


def _first_known(code: str, years: Sequence[ContractYear]) -> tuple[Mission, date]:
    """The mission as its first text in the contract has it, and the first day of that contract year."""
    return next(
        (mission, year.starts_on)
        for year in years
        for mission in year.bareme.missions
        if mission.code == code
    )
