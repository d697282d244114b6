"""The calculation of the CPTS agreement: terms of a contract in, explained payment schedule out, then
the lines of a statement beside what was received.

Pure: no Django, no file, no clock. What other packages use is imported from here, except the words of
messages (`funding.engine.french`).
"""

from funding.engine.bareme import OPERATING_CODE, Bareme, Mission, size_for_population
from funding.engine.bareme_file import parse_bareme
from funding.engine.comparison import LineDifference, differences, total_delta
from funding.engine.contract_years import ContractYear, applicable_bareme
from funding.engine.deadlines import (
    MissionDeadlines,
    deployment_deadline,
    mission_deadlines,
    start_deadline,
)
from funding.engine.entitlements import Entitlement
from funding.engine.enums import (
    Condition,
    DifferenceKind,
    InstalmentKind,
    MissionKind,
    PaymentRule,
    Proration,
    Share,
)
from funding.engine.errors import BaremeError, EngineError
from funding.engine.explanation import Explanation
from funding.engine.instalments import Instalment
from funding.engine.lines import LineKey, ScheduleLine, lines_of
from funding.engine.schedule import ENGINE_VERSION, PaymentSchedule, compute_schedule
from funding.engine.settlement import next_anniversary, settle
from funding.engine.sums import (
    DueDate,
    Totals,
    by_calendar_year,
    by_contract_year,
    by_date,
    due_dates,
    total_amount,
)
from funding.engine.terms import CONTRACT_YEARS, ContractTerms

__all__ = [
    "CONTRACT_YEARS",
    "ENGINE_VERSION",
    "OPERATING_CODE",
    "Bareme",
    "BaremeError",
    "Condition",
    "ContractTerms",
    "ContractYear",
    "DifferenceKind",
    "DueDate",
    "EngineError",
    "Entitlement",
    "Explanation",
    "Instalment",
    "InstalmentKind",
    "LineDifference",
    "LineKey",
    "Mission",
    "MissionDeadlines",
    "MissionKind",
    "PaymentRule",
    "PaymentSchedule",
    "Proration",
    "ScheduleLine",
    "Share",
    "Totals",
    "applicable_bareme",
    "by_calendar_year",
    "by_contract_year",
    "by_date",
    "compute_schedule",
    "deployment_deadline",
    "differences",
    "due_dates",
    "lines_of",
    "mission_deadlines",
    "next_anniversary",
    "parse_bareme",
    "settle",
    "size_for_population",
    "start_deadline",
    "total_amount",
    "total_delta",
]
