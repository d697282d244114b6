"""Statements established before an anniversary was told by its day stay what they are, there and back."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from funding.enums import Occasion
from funding.models import Statement, StatementLine
from tests.factories.funding import change, establish, sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def latest_again():
    """Leave the tables as every other test expects them, whatever happens here."""
    yield
    call_command("migrate", "funding", verbosity=0)


@pytest.fixture
def contract(cpts):
    """Return a contract with the statements of its signature and of two anniversaries."""
    contract = sign(cpts)
    for year in (2024, 2025):
        state(contract, date(year, 3, 15))
    return contract


def migrate(name):
    MigrationExecutor(connection).migrate([("funding", name)])


def state(contract, as_of):
    return establish(contract, Occasion.ANNIVERSARY, as_of=as_of)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Statement, StatementLine)]


def refused(attack):
    with pytest.raises(IntegrityError), transaction.atomic():
        attack()


def assert_protected():
    """The database refuses that a statement or a line of it be written again or leave."""
    before = everything()
    for rows in (Statement.objects.all(), StatementLine.objects.all()):
        refused(lambda rows=rows: rows.update(contract_year=1))
        refused(lambda rows=rows: rows._raw_delete(rows.db))
    assert everything() == before


def test_statements_of_before_stay_and_are_still_protected(contract):
    migrate("0001_initial")
    before = everything()
    assert_protected()

    migrate("0002_anniversary_by_its_day")

    assert everything() == before
    assert_protected()
    with connection.cursor() as cursor:
        made = connection.introspection.get_constraints(cursor, Statement._meta.db_table)
    assert {each.name for each in Statement._meta.constraints} <= set(made)
    columns = made["funding_statement_once_per_anniversary"]["columns"]
    assert columns == ["contract_id", "as_of", "contract_year"]
    refused(lambda: state(contract, date(2024, 3, 15)))


def test_two_years_that_began_the_same_day_are_no_obstacle(contract):
    """The former version stated a day twice when a signature was corrected by a whole year."""
    migrate("0001_initial")
    missions = dict.fromkeys(("acces_soins", "parcours"), date(2022, 3, 15))
    change(contract, signed_on=date(2022, 3, 15), missions=missions)
    state(contract, date(2025, 3, 15))
    before = everything()

    migrate("0002_anniversary_by_its_day")

    assert everything() == before
    stated = Statement.objects.filter(as_of=date(2025, 3, 15)).order_by("version")
    assert list(stated.values_list("contract_year", flat=True)) == [3, 4]


def test_going_back_is_refused_whole_once_a_year_was_stated_on_two_days(contract):
    """What was established is not unsaid: the former rule cannot hold any more, the present one stays."""
    change(contract, signed_on=date(2023, 4, 15))
    state(contract, date(2024, 4, 15))
    before = everything()

    with pytest.raises(IntegrityError):
        migrate("0001_initial")

    assert everything() == before
    assert_protected()
    refused(lambda: state(contract, date(2024, 4, 15)))
