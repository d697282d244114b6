"""Every case of this folder goes through the interface that other people script."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from funding.domain.simulation import parse_simulation, run_simulation, to_json

CASES = sorted(Path(__file__).parent.glob("*.toml"))
LINE_KEYS = ("mission", "share", "kind", "contract_year", "amount")


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return tomllib.loads(request.param.read_text())


@pytest.fixture
def result(case: dict[str, Any]) -> dict[str, Any]:
    return to_json(run_simulation(parse_simulation(case["contract"])))


@pytest.mark.parametrize("key", ["total", "by_date", "by_calendar_year"])
def test_sums_are_exact_to_the_cent(case, result, key):
    assert result[key] == case["expected"][key]


def test_lines_are_exact_and_in_order(case, result):
    for day, expected in case["expected"]["lines"].items():
        lines = [line for line in result["instalments"] if line["due_on"] == day]
        assert [[line[key] for key in LINE_KEYS] for line in lines] == expected
