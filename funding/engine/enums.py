"""The engine's vocabulary; every value is a stable code, safe to store and to publish."""

from enum import StrEnum


class Share(StrEnum):
    """The three purses of the agreement."""

    OPERATING = "operating"
    FIXED = "fixed"
    VARIABLE = "variable"


class InstalmentKind(StrEnum):
    """How a line pays its entitlement; an adjustment corrects a line already received."""

    FULL = "full"
    ADVANCE = "advance"
    BALANCE = "balance"
    VARIABLE = "variable"
    ADJUSTMENT = "adjustment"


class DifferenceKind(StrEnum):
    """What became of a line from one statement to the next."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class MissionKind(StrEnum):
    """Core missions are compulsory, optional ones are chosen."""

    CORE = "core"
    OPTIONAL = "optional"


class Condition(StrEnum):
    """When a component of a mission is due, for a contract year in which the mission runs."""

    EVERY_YEAR = "every_year"
    CRISIS_PLAN_WRITTEN = "crisis_plan_written"
    CRISIS_PLAN_UPDATED = "crisis_plan_updated"
    CRISIS_OCCURRED = "crisis_occurred"


class Proration(StrEnum):
    """How the first, partial year of a mission is measured (domain reference, section 5, settings)."""

    DAYS = "days"
    MONTHS = "months"


class PaymentRule(StrEnum):
    """The rule of the agreement that makes an instalment due (domain reference, section 5)."""

    FULL_AT_SIGNATURE = "full_at_signature"
    ADVANCE_AT_YEAR_START = "advance_at_year_start"
    ADVANCE_AT_MISSION_START = "advance_at_mission_start"
    BALANCE_AT_ANNIVERSARY = "balance_at_anniversary"
    VARIABLE_AT_ANNIVERSARY = "variable_at_anniversary"
