"""Files of members as people send them, received and read."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.access.enums import Role
from core.jobs.domain.running import run_job
from core.organisations.models import Cpts
from core.spreadsheets.writing import Column, Sheet, write_csv, write_xlsx
from members.domain.import_columns import recognised
from members.domain.import_files import receive_file
from members.domain.import_plan import ImportPlan, ImportPlanner, Reading
from members.domain.import_rows import SheetFile, SheetRow, read_file
from members.models import ImportFile
from tests.factories.people import assign

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
HEADERS = ("Nom", "Prénom", "Profession", "Mail", "Commune")
CAMILLE = ("Essai", "Camille", "IDE", "camille@example.org", "")


def sheet_of(headers: Sequence[str], *rows: Sequence[Any]) -> SheetFile:
    """Return what a file of these rows says, its header being line 1."""
    numbered = (SheetRow(number, tuple(map(str, row))) for number, row in enumerate(rows, start=2))
    return SheetFile(tuple(headers), tuple(numbered))


def xlsx_of(headers: Sequence[str], *rows: Sequence[Any]) -> bytes:
    """Return a workbook of texts."""
    return write_xlsx([_sheet(headers, rows)])


def csv_of(headers: Sequence[str], *rows: Sequence[Any]) -> bytes:
    """Return a CSV file as the platform exports them."""
    return write_csv(_sheet(headers, rows))


def _sheet(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sheet:
    return Sheet("Membres", [Column(header) for header in headers], [list(row) for row in rows])


def plan_of(cpts: Cpts, headers: Sequence[str], *rows: Sequence[Any], **options: Any) -> ImportPlan:
    """Return the plan of these rows; `choices` and `now` apart, options are those of a `Reading`."""
    choices, now = options.pop("choices", None), options.pop("now", NOW)
    sheet = sheet_of(headers, *rows)
    reading = Reading(tuple(options.pop("mapping", recognised(sheet.headers))), **options)
    return ImportPlanner(cpts, sheet.rows, reading, now=now).plan(choices)


def read_again(content: bytes, name: str = "membres.xlsx") -> SheetFile:
    """Return what a file that was written says."""
    return read_file(io.BytesIO(content), filename=name)


def received_file(
    cpts: Cpts, headers: Sequence[str] = HEADERS, *rows: Sequence[Any], by: Any = None
) -> ImportFile:
    """Return a file that a coordinator sent and that a worker read."""
    by = by or assign(Role.COORDINATOR, cpts).to_held_role().actor
    file = receive_file(cpts, sheet_of(headers, *(rows or [CAMILLE])), name="membres.xlsx", by=by, now=NOW)
    if file.job_id:
        run_job(file.job_id, clock=lambda: NOW)
    file.refresh_from_db()
    return file
