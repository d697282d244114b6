from datetime import date

import pytest

from funding.engine.dates import add_months, whole_months_between


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2023, 3, 15), 2, date(2023, 5, 15)),
        (date(2023, 11, 15), 2, date(2024, 1, 15)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2022, 12, 31), 2, date(2023, 2, 28)),
        (date(2023, 1, 31), 3, date(2023, 4, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 3, 15), 0, date(2023, 3, 15)),
    ],
)
def test_months_are_clamped_to_the_end_of_the_month(day, months, expected):
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2023, 9, 15), date(2024, 3, 15), 6),
        (date(2023, 9, 16), date(2024, 3, 15), 5),
        (date(2023, 9, 14), date(2024, 3, 15), 6),
        (date(2024, 3, 14), date(2024, 3, 15), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2023, 3, 15), date(2024, 3, 15), 12),
    ],
)
def test_whole_months_are_floored(start, end, expected):
    assert whole_months_between(start, end) == expected
