"""Names already there are folded, scopes get their indexes; nothing else moves, there and back."""

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


def test_scopes_are_read_by_indexes_of_their_own(granville):
    decide(CptsFactory(), epci=["200042604"])
    before = everything()

    migrate("0001_initial")
    assert scope_indexes() == {"organisations_tc_departement": ["departement_code"]}
    migrate("0003_scope_indexes")

    assert scope_indexes() == {
        "organisations_tc_departement": ["departement_code", "territory_id"],
        "organisations_tc_region": ["region_code", "territory_id"],
    }
    assert everything() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        TerritoryCommune.objects.update(name="Autre")


def scope_indexes():
    with connection.cursor() as cursor:
        table = TerritoryCommune._meta.db_table
        found = connection.introspection.get_constraints(cursor, table)
    names = ("organisations_tc_departement", "organisations_tc_region")
    return {name: found[name]["columns"] for name in names if name in found}
