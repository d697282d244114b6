"""A journal to attack: entries of two CPTS and of the platform."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from core.access.actors import Actor
from core.access.enums import Role
from core.audit.append_only import lifting
from core.audit.domain.journal import record
from core.audit.models import AuditEntry

NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
ACTOR = Actor(role=Role.COORDINATOR, user_id=1, cpts_id=1)


def write(target, *, times=1, cpts_id=None, changes=None):
    """Record `times` entries about `target`, each in a transaction."""
    for number in range(times):
        with transaction.atomic():
            entry = record(
                "tests.written",
                target,
                by=ACTOR,
                now=NOW,
                cpts_id=cpts_id,
                changes=changes or {"name": [number, number + 1]},
                note=f"écriture {number}",
            )
    return entry


def execute(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def journal(cpts, other_cpts):
    """Return the two CPTS, with 12 entries each; the platform has 4: theirs, and the two openings."""
    for one in (cpts, other_cpts):
        write(one, times=12, cpts_id=one.pk)
    write(cpts, times=2)
    return cpts, other_cpts


@pytest.fixture
def unprotected(journal):
    """Drop the triggers of the journal, as who holds the base could."""
    for sql in lifting(connection.vendor, AuditEntry._meta.db_table):
        execute(sql)
    return journal
