"""What is due: one entitlement per mission, share and contract year, before it is cut into payments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from funding.engine.bareme import OPERATING_CODE, Mission
from funding.engine.contract_years import ContractYear, year_holding
from funding.engine.dates import whole_months_between
from funding.engine.enums import Condition, Proration, Share
from funding.engine.money import round_to_cent
from funding.engine.terms import ContractTerms


@dataclass(frozen=True, slots=True)
class TableAmount:
    """An amount read in the table of a text, in euros: a component, or a supplement opted into."""

    label: str
    amount: int


@dataclass(frozen=True, slots=True)
class YearRatio:
    """The part of a contract year that counts, kept as read: 182 days of 366, 6 months of 12."""

    part: int
    whole: int
    basis: Proration | None


FULL_YEAR = YearRatio(1, 1, None)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What the text owes for one share of one mission over one contract year.

    `table` holds the component first, then the supplements added to it; `attainment` is the rate from 0 to 1
    of a variable share, None for the others; `opens_on` is the day an advance is due, `at_mission_start`
    telling whether that is the mission's own start. `due` is `exact` rounded to the cent, once.
    """

    year: ContractYear
    mission: str
    mission_label: str
    share: Share
    size: int
    table: tuple[TableAmount, ...]
    ratio: YearRatio
    attainment: Decimal | None
    opens_on: date
    at_mission_start: bool
    exact: Fraction
    due: Decimal


def entitlements(terms: ContractTerms, years: Sequence[ContractYear]) -> Iterator[Entitlement]:
    """Everything due over the contract: by year, operating first, then missions in the order of the text.

    In: checked terms and their contract years. An entitlement may be worth zero.
    """
    for year in years:
        yield _operating_entitlement(terms, year)
        for mission in year.bareme.missions:
            starts_on = terms.missions.get(mission.code)
            if starts_on is not None and starts_on < year.next_anniversary:
                yield from _mission_entitlements(terms, year, mission, year_holding(starts_on, years))


def _operating_entitlement(terms: ContractTerms, year: ContractYear) -> Entitlement:
    component = year.bareme.operating
    amount = component.amounts[terms.size]
    return Entitlement(
        year=year,
        mission=OPERATING_CODE,
        mission_label=component.label,
        share=Share.OPERATING,
        size=terms.size,
        table=(TableAmount(component.label, amount),),
        ratio=FULL_YEAR,
        attainment=None,
        opens_on=year.starts_on,
        at_mission_start=False,
        exact=Fraction(amount),
        due=round_to_cent(Fraction(amount)),
    )


def _mission_entitlements(
    terms: ContractTerms, year: ContractYear, mission: Mission, start_year: ContractYear
) -> Iterator[Entitlement]:
    plan_year = terms.crisis_plan_year or start_year.number
    for share in (Share.FIXED, Share.VARIABLE):
        table = [
            TableAmount(component.label, component.amounts[terms.size])
            for component in mission.components
            if component.share is share and _is_due(component.condition, terms, year.number, plan_year)
        ]
        if table:
            table += _supplements(terms, year, mission, share)
            yield _mission_entitlement(terms, year, mission, share, tuple(table))


def _is_due(condition: Condition, terms: ContractTerms, contract_year: int, plan_year: int) -> bool:
    """Whether a component counts in a contract year in which its mission runs.

    Crisis mission (domain reference, section 5, settings): first writing in the plan's year, update in the
    years after it; the variable share only for a year in which a grave crisis is recorded. Rules of ours:
    nothing before the plan's year, and a plan written before the mission starts leaves updates only.
    """
    due = {
        Condition.EVERY_YEAR: True,
        Condition.CRISIS_PLAN_WRITTEN: contract_year == plan_year,
        Condition.CRISIS_PLAN_UPDATED: contract_year > plan_year,
        Condition.CRISIS_OCCURRED: contract_year in terms.crisis_years,
    }
    return due[condition]


def _supplements(
    terms: ContractTerms, year: ContractYear, mission: Mission, share: Share
) -> list[TableAmount]:
    """The supplements the contract opted into, as far as the text of this year has them."""
    return [
        TableAmount(supplement.label, supplement.amounts[terms.size])
        for supplement in year.bareme.supplements
        if supplement.code in terms.supplements
        and supplement.mission == mission.code
        and supplement.share is share
    ]


def _mission_entitlement(
    terms: ContractTerms, year: ContractYear, mission: Mission, share: Share, table: tuple[TableAmount, ...]
) -> Entitlement:
    """One entitlement: table amounts × ratio of the year × attainment (section 5, rules 3, 4 and 7)."""
    starts_on = terms.missions[mission.code]
    ratio = _ratio(terms, year, share, starts_on)
    attainment = terms.attainment_of(mission.code, year.number) if share is Share.VARIABLE else None
    exact = Fraction(sum(line.amount for line in table) * ratio.part, ratio.whole)
    if attainment is not None:
        exact *= Fraction(attainment)
    return Entitlement(
        year=year,
        mission=mission.code,
        mission_label=mission.label,
        share=share,
        size=terms.size,
        table=table,
        ratio=ratio,
        attainment=attainment,
        opens_on=max(starts_on, year.starts_on),
        at_mission_start=year.holds(starts_on),
        exact=exact,
        due=round_to_cent(exact),
    )


def _ratio(terms: ContractTerms, year: ContractYear, share: Share, starts_on: date) -> YearRatio:
    """The part of the year that counts for a mission started on `starts_on`.

    By days: those left until the anniversary over those of the contract year; by months: whole months left
    over 12 (domain reference, section 5, settings). A mission that starts on the first day of a contract
    year has it whole.
    """
    if starts_on <= year.starts_on or (share is Share.VARIABLE and not terms.prorate_first_variable):
        return FULL_YEAR
    if terms.proration is Proration.MONTHS:
        return YearRatio(whole_months_between(starts_on, year.next_anniversary), 12, Proration.MONTHS)
    return YearRatio((year.next_anniversary - starts_on).days, year.days, Proration.DAYS)
