"""The national geographic code, loaded once for all the benchmarks."""

import pytest

from core.territories.domain.geographic_code import load_geographic_code, packaged_file
from tests.benchmarks import bare


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Fill the test base as a national installation is."""
    with django_db_blocker.unblock():
        load_geographic_code(packaged_file())
        bare.fill()
