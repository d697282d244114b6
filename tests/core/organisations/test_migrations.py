"""Names already there are folded for the search; nothing else moves, there and back."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from core.organisations.models import Cpts, TerritoryCommune, TerritoryVersion
from tests.factories.decisions import decide
from tests.factories.people import CptsFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def latest_again():
    """Leave the tables as every other test expects them, whatever happens here."""
    yield
    call_command("migrate", verbosity=0)


def migrate(name):
    """Go to a migration, and return the model of the CPTS as it is there."""
    executor = MigrationExecutor(connection)
    executor.migrate([("organisations", name)])
    return executor.loader.project_state([("organisations", name)]).apps.get_model("organisations", "Cpts")


def everything():
    models = (Cpts, TerritoryVersion, TerritoryCommune)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_names_are_folded_and_nothing_else_moves(granville):
    for name in ("CPTS de la Côte d’Émeraude", "CPTS St-Lô"):
        decide(CptsFactory(name=name), epci=["200042604"])
    CptsFactory(name="St " * 49 + "Lô", search_name=(" saint" * 49)[:200])
    before = everything()

    former = migrate("0001_initial")
    assert [row.name for row in former.objects.order_by("pk")] == [row["name"] for row in before[0]]
    migrate("0002_search_name")

    assert everything() == before
    assert list(Cpts.objects.order_by("pk").values_list("search_name", flat=True)) == [
        " cpts de la cote d emeraude",
        " cpts saint lo",
        (" saint" * 49)[:200],
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        TerritoryCommune.objects.update(name="Autre")
