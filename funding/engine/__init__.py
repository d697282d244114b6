"""The calculation of the CPTS agreement: terms of a contract in, explained payment schedule out.

Pure: no Django, no file, no clock. What other packages use is imported from here, except the words of
messages (`funding.engine.french`).
"""

from funding.engine.bareme import OPERATING_CODE, Bareme, Mission, size_for_population
from funding.engine.bareme_file import parse_bareme
from funding.engine.contract_years import ContractYear, applicable_bareme
from funding.engine.deadlines import deployment_deadline, start_deadline
from funding.engine.entitlements import Entitlement
from funding.engine.enums import Condition, InstalmentKind, MissionKind, PaymentRule, Proration, Share
from funding.engine.errors import BaremeError, EngineError
from funding.engine.explanation import Explanation
from funding.engine.instalments import Instalment
from funding.engine.schedule import ENGINE_VERSION, DueDate, PaymentSchedule, Totals, compute_schedule
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
    "DueDate",
    "EngineError",
    "Entitlement",
    "Explanation",
    "Instalment",
    "InstalmentKind",
    "Mission",
    "MissionKind",
    "PaymentRule",
    "PaymentSchedule",
    "Proration",
    "Share",
    "Totals",
    "applicable_bareme",
    "compute_schedule",
    "deployment_deadline",
    "parse_bareme",
    "size_for_population",
    "start_deadline",
]
