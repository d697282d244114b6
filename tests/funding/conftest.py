"""Fixtures of the money screens."""

import pytest
from django.http import QueryDict

from tests.factories.funding import contract_a, march_2026
from tests.factories.territories import geographic_code_file, granville

__all__ = ["contract_a", "geographic_code_file", "granville", "march_2026"]

EXAMPLE_A_QUERY = (
    "source=population&population=60200&signature=2023-03-15&atteinte=80"
    "&missions=acces_soins&debut_acces_soins=2023-09-15"
    "&missions=crise_sanitaire&debut_crise_sanitaire=2023-09-15"
    "&missions=parcours&debut_parcours=2024-03-15"
    "&missions=prevention&debut_prevention=2024-03-15"
)


@pytest.fixture
def example_query() -> QueryDict:
    """Return the address of the worked example A, free to change."""
    return QueryDict(EXAMPLE_A_QUERY, mutable=True)
