"""Every model marked append-only: its table refuses to be rewritten, whoever asks."""

# ruff: noqa: S608  # the tables' own names

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from core.audit.append_only import append_only_models, is_erasable
from core.audit.models import AuditDetail, AuditEntry
from tests.core.audit.conftest import execute

pytestmark = pytest.mark.django_db

_VALUES: dict[type[models.Field], Any] = {
    models.DateTimeField: datetime(2026, 1, 1, tzinfo=UTC),
    models.DateField: date(2026, 1, 1),
    models.JSONField: {},
    models.CharField: "x",
    models.TextField: "x",
}


def value_of(field):
    """Return something that the column accepts; what it means does not matter."""
    if field.name == "action":
        return "tests.written"
    if field.null:
        return None
    return next((value for kind, value in _VALUES.items() if isinstance(field, kind)), 1)


def lift_meaning(table):
    """Let a row without meaning in, until the transaction is undone."""
    if connection.vendor == "sqlite":
        execute("PRAGMA ignore_check_constraints = ON")
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')


@pytest.fixture
def row(request):
    """Insert a row of the model, undone before the base looks at what it refers to."""
    model = request.param
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    with transaction.atomic():
        lift_meaning(model._meta.db_table)
        made = model(**{field.attname: value_of(field) for field in fields})
        made.save(force_insert=True)
        yield made
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        execute("PRAGMA ignore_check_constraints = OFF")


EVERY_MODEL = pytest.mark.parametrize(
    "row", append_only_models(), indirect=True, ids=[model._meta.label for model in append_only_models()]
)


def refused(attack):
    with pytest.raises(IntegrityError, match="append-only table"), transaction.atomic():
        attack()


@EVERY_MODEL
def test_its_rows_are_neither_updated_nor_deleted(row):
    model, table = type(row), row._meta.db_table
    kept = model.objects.filter(pk=row.pk)
    before = kept.values().get()

    refused(row.save)
    refused(lambda: kept.update(id=row.pk))
    refused(lambda: execute(f'UPDATE "{table}" SET id = id WHERE id = %s', [row.pk]))
    if not is_erasable(model):
        refused(lambda: kept._raw_delete(kept.db))
        refused(lambda: execute(f'DELETE FROM "{table}"'))

    assert kept.values().get() == before


@EVERY_MODEL
def test_only_rows_that_are_erasable_are_deleted(row):
    model, table = type(row), row._meta.db_table
    if is_erasable(model):
        execute(f'DELETE FROM "{table}"')

    assert model.objects.filter(pk=row.pk).exists() is not is_erasable(model)


@EVERY_MODEL
def test_its_rows_are_not_replaced(row):
    table = row._meta.db_table
    if connection.vendor == "postgresql":
        pytest.skip("this database has no REPLACE")
    if is_erasable(type(row)):
        pytest.skip(
            "to replace it is to delete it, which is allowed, then to add one, which its digest tells"
        )

    refused(lambda: execute(f'REPLACE INTO "{table}" SELECT * FROM "{table}"'))

    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model._meta.label)
def test_its_table_is_not_emptied(model):
    if connection.vendor == "sqlite":
        pytest.skip("this database has no TRUNCATE")

    refused(lambda: execute(f'TRUNCATE "{model._meta.db_table}" CASCADE'))


def test_history_and_money_are_append_only():
    assert AuditEntry in append_only_models()
    assert [model for model in append_only_models() if is_erasable(model)] == [AuditDetail]
    assert {"Statement", "StatementLine", "Receipt", "ReceiptLine", "TerritoryCommune"} <= {
        model.__name__ for model in append_only_models()
    }
