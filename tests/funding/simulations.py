"""Simulations that several tests look at: the worked example A of the domain reference."""

from typing import Any

from funding.domain.simulation import SimulationResult, parse_simulation, run_simulation

EXAMPLE_A: dict[str, Any] = {
    "signed_on": "2023-03-15",
    "population": 60_200,
    "missions": {
        "acces_soins": "2023-09-15",
        "crise_sanitaire": "2023-09-15",
        "parcours": "2024-03-15",
        "prevention": "2024-03-15",
    },
    "default_attainment": "0.8",
}


def simulated(**changes: Any) -> SimulationResult:
    """Return the result of example A with some keys changed; None takes a key away."""
    payload = {key: value for key, value in (EXAMPLE_A | changes).items() if value is not None}
    return run_simulation(parse_simulation(payload))
