"""Ten thousand members from a workbook: read, judged row by row, written, exported and read again."""

import io
import time
import tracemalloc
from collections.abc import Callable

import pytest
from stdnum import luhn

from core.access.enums import Role
from core.jobs.domain.running import claim_job
from core.organisations.models import Cpts
from core.spreadsheets.writing import Column, Sheet, write_xlsx
from members.domain import import_files
from members.domain.columns import COLUMNS, for_columns
from members.domain.import_rows import read_file
from members.exports.members import member_list
from members.models import ImportFile, Member, Membership
from tests.benchmarks.measure import report
from tests.factories.imports import NOW
from tests.factories.people import CptsFactory, assign

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
ROWS = 10_000
HEADERS = (
    "Nom", "Prénom", "Profession", "Mode d’exercice", "N° RPPS", "Mail", "Portable", "Adresse", "Code postal",
    "Commune", "Structure", "Membre depuis", "Catégorie", "Participation", "Gouvernance",
)  # fmt: skip
PROFESSIONS = ("IDE", "kiné", "médecin généraliste", "IPA", "Sage-femme")


def workbook() -> bytes:
    """Return a file as coordinators send them: fifteen columns, one practice for each forty people."""
    rows = [_row(rank) for rank in range(ROWS)]
    return write_xlsx([Sheet("Membres", [Column(header) for header in HEADERS], rows)])


def _row(rank: int) -> list[str]:
    bare = f"1{rank:09d}"
    return [
        f"Essai{rank}", "Camille", PROFESSIONS[rank % 5], "libéral",
        bare + luhn.calc_check_digit(bare),
        f"personne{rank}@example.org", f"06{rank:08d}", f"{rank} rue d’essai", "50400", "Granville",
        f"Cabinet d’essai {rank // 40}", "15/01/2024", "actif",
        "certain" if rank % 3 else "à confirmer", "non",
    ]  # fmt: skip


def read(cpts: Cpts, content: bytes) -> ImportFile:
    """Receive a workbook and plan it, as a view then a worker do."""
    sheet = read_file(io.BytesIO(content), filename="membres.xlsx")
    by = assign(Role.COORDINATOR, cpts).to_held_role().actor
    file = import_files.receive_file(cpts, sheet, name="membres.xlsx", by=by, now=NOW)
    return worked(file, import_files.plan_file)


def write(cpts: Cpts, file: ImportFile) -> ImportFile:
    """Agree to what was shown, and have it written."""
    by = assign(Role.COORDINATOR, cpts).to_held_role().actor
    import_files.agree(file, file.fingerprint, by=by, now=NOW)
    file.refresh_from_db()
    return worked(file, import_files.write_file)


def worked(file: ImportFile, run: Callable[..., None]) -> ImportFile:
    """Do the file's job in this very thread: the figures are those of the work."""
    assert file.job_id is not None
    job = claim_job(file.job_id, now=NOW)
    assert job is not None
    run(job, lambda *_: None)
    file.refresh_from_db()
    return file


def whole_import(content: bytes) -> Cpts:
    """Import a workbook into an empty registry."""
    cpts = CptsFactory()
    file = write(cpts, read(cpts, content))
    assert file.counts == {"new": ROWS}
    return cpts


def test_import_of_ten_thousand_members() -> None:
    content = workbook()
    start, processor = time.perf_counter(), time.process_time()
    cpts = whole_import(content)
    report("import of 10 000 members from XLSX, processor", time.process_time() - processor, 15, "s")
    print(f"   by the clock of this machine: {time.perf_counter() - start:.2f} s")
    assert Member.objects.filter(cpts=cpts).count() == ROWS
    assert Membership.objects.filter(member__cpts=cpts).count() == ROWS

    members = for_columns(Member.objects.filter(cpts=cpts).order_by("number"), NOW.date())
    again = write_xlsx([member_list(members, list(COLUMNS))])
    processor = time.process_time()
    file = read(cpts, again)
    report("the same members exported and read again, processor", time.process_time() - processor, 15, "s")
    assert file.counts == {"unchanged": ROWS}


def test_memory_of_an_import_of_ten_thousand_members() -> None:
    content = workbook()
    tracemalloc.start()
    whole_import(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    report("memory of that import", peak / 1024 / 1024, 300, "MB")
