"""The years of a contract, counted from its signature."""

from datetime import date

from aci.models.contract import CONTRACT_YEARS


def anniversary(signed_on: date, years: int) -> date:
    """Return the day `years` years after the signature: 29 February gives 28 February in common years.

    The engine counts the same way (a test compares them); this app is below it and cannot ask.
    """
    try:
        return signed_on.replace(year=signed_on.year + years)
    except ValueError:
        return signed_on.replace(year=signed_on.year + years, day=28)


def begun_years(signed_on: date, day: date) -> range:
    """Return the numbers of the contract years that have begun on `day`: empty before the signature."""
    begun = [year for year in range(1, CONTRACT_YEARS + 1) if anniversary(signed_on, year - 1) <= day]
    return range(1, len(begun) + 1)
