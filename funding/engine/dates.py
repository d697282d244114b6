"""Calendar arithmetic of the agreement: months and years clamped to the end of the month."""

import calendar
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month when it is shorter.

    Always counted from the first date, never step by step: 29 February plus 12 months is 28 February, plus
    48 months is 29 February again (domain reference, section 5).
    """
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    month = month_index + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def whole_months_between(start: date, end: date) -> int:
    """The largest number of months that, added to `start`, does not go past `end`.

    `start` must not be after `end`. Rule of ours: the end of the month is clamped as everywhere else, so
    that 31 January to 28 February is one month.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1
