"""Tables that the database itself refuses to update or delete from: history and money.

Migrations of the tables concerned end with `AppendOnly`. Rows of those marked `erasable` too may be deleted,
and are never updated either. On SQLite, a later migration that rebuilds such a table loses its triggers and
must name it again, at its end: `tests/core/audit` tries each model marked `append_only`.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME USING ERRCODE = '23000'; END $$
"""


def append_only_models() -> list[type[models.Model]]:
    """Return the models marked by `append_only = True`."""
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def is_erasable(model: type[models.Model]) -> bool:
    """Return whether rows of an append-only model may be deleted: those marked by `erasable = True`."""
    return getattr(model, "erasable", False)


def protection(vendor: str, table: str, *, erasable: bool = False) -> Iterator[str]:
    """Yield the SQL that makes `table` append-only on PostgreSQL or SQLite, its rows `erasable` or not."""
    refused = ("UPDATE",) if erasable else ("UPDATE", "DELETE")
    if vendor == "postgresql":
        yield _FUNCTION
        yield (
            f'CREATE TRIGGER {table}_no_change BEFORE {" OR ".join(refused)} ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        yield (
            f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in refused:
        yield (
            f'CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON "{table}" '
            "BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
        )


def lifting(vendor: str, table: str) -> Iterator[str]:
    """Yield the SQL that undoes `protection`: to do it anew or go back, or to empty a test's base."""
    names, on = ("change", "truncate"), f' ON "{table}"'
    if vendor != "postgresql":
        names, on = ("update", "delete"), ""
    for name in names:
        yield f"DROP TRIGGER IF EXISTS {table}_no_{name}{on}"


class AppendOnly(Operation):
    """Make a model's table refuse UPDATE, DELETE and TRUNCATE, whoever asks (IntegrityError in Django).

    Rows of an `erasable` one may be deleted.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, *, erasable: bool = False) -> None:
        self.model_name = model_name
        self.erasable = erasable

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing changes in the models' state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,  # noqa: ARG002  # Django's signature
        to_state: Any,
    ) -> None:
        """Create the triggers, in the place of those of an earlier migration where they are still there."""
        vendor = schema_editor.connection.vendor
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for sql in (*lifting(vendor, table), *protection(vendor, table, erasable=self.erasable)):
            schema_editor.execute(sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,  # noqa: ARG002  # Django's signature
    ) -> None:
        """Drop the triggers."""
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for sql in lifting(schema_editor.connection.vendor, table):
            schema_editor.execute(sql, params=None)

    def describe(self) -> str:
        """Return what `makemigrations` and the linter print."""
        refused = "updates" if self.erasable else "updates and deletions"
        return f"Refuse {refused} of {self.model_name}"
