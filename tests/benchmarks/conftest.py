"""An installation at the size of the country, made once for all the benchmarks."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from core.territories.domain.geographic_code import load_geographic_code, packaged_file
from tests.benchmarks import bare, national


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Fill the test base as a national installation is."""
    with django_db_blocker.unblock():
        load_geographic_code(packaged_file())
        bare.fill()
        national.fill()


@pytest.fixture
def bare_page(settings) -> Callable[[], object]:
    """Return a call of the bare page: same base, Django's default middleware."""
    settings.ROOT_URLCONF = "tests.benchmarks.bare"
    client = Client()
    with override_settings(MIDDLEWARE=bare.MIDDLEWARE):
        client.handler.load_middleware()
    client.force_login(get_user_model().objects.first())
    return lambda: client.get("/bare/")
