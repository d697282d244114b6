"""The life of a file of members: received, read, decided, written, erased.

Reading and writing thousands of rows is long: a worker does both. What is written is what was shown, else
nothing: the plan is made again under the registry's lock, and must be the one agreed to.
"""

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.fingerprints import fingerprint_of
from core.jobs.domain.jobs import enqueue_job
from core.jobs.domain.workflow import lock_attempt
from core.jobs.errors import JobError
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from core.organisations.domain.followers import open_under
from core.organisations.models import Cpts
from members.domain.import_columns import mapping_fault, recognised
from members.domain.import_plan import Choices, ImportPlan, ImportPlanner, PlannedRow, Reading
from members.domain.import_rows import SheetFile, packed, unpacked
from members.domain.import_writing import write_plan
from members.domain.members import hold_registry
from members.domain.workflow import MovedError
from members.enums import RowChoice, RowVerdict
from members.models import ImportFile, ImportRow, Member
from members.rules import can_edit_members

logger = logging.getLogger(__name__)
KEPT = timedelta(days=7)
"""Rows of people's data wait a week for an agreement, then are erased."""
READ_KIND, WRITE_KIND = "members.import_read", "members.import_write"
_LOT = 500
_LOST = "Ce fichier n’est plus conservé\u00a0: envoyez-le de nouveau."
_CLASH = (
    "Le registre a refusé une ligne que la lecture avait acceptée\u00a0: rien n’est enregistré. "
    "Lisez le fichier de nouveau\u00a0; si cela se répète, prévenez l’administrateur de la plateforme."
)
_WRITTEN = "Ce fichier est déjà enregistré."


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided of a row: `chosen` is the key of the entry it is the same as, None otherwise."""

    choice: RowChoice
    chosen: int | None = None


@transaction.atomic
def receive_file(cpts: Cpts, sheet: SheetFile, *, name: str, by: Actor, now: datetime) -> ImportFile:
    """Keep a file that was read, and have a worker plan it when its columns are recognised.

    Otherwise its `job` is None until somebody names its columns (`read_as`).
    """
    mapping = recognised(sheet.headers)
    file = ImportFile.objects.create(
        cpts=cpts,
        name=name[:150],
        imported_by_id=by.user_id,
        created_at=now,
        expires_at=now + KEPT,
        headers=list(sheet.headers),
        content=packed(sheet.rows),
        row_count=len(sheet.rows),
        mapping=mapping,
    )
    if not mapping_fault(mapping):
        _ask_to_read(file, by=by, now=now)
    return file


@transaction.atomic
def read_as(file: ImportFile, reading: Reading, *, by: Actor, now: datetime) -> ImportFile:
    """Read a file again, its columns and its empty cells understood so; what was decided is kept.

    Asked again while it is being read so, it changes nothing. Raises ValidationError for columns that cannot
    be, or a file already written.
    """
    locked = _locked(file.pk)
    if locked.written_at:
        raise ValidationError(_WRITTEN)
    if len(reading.mapping) != len(locked.headers):
        raise ValidationError("Ces colonnes ne sont pas celles du fichier.")
    if fault := mapping_fault(reading.mapping):
        raise ValidationError(fault)
    if _is_being_read_as(locked, reading):
        return locked
    locked.mapping, locked.empties = list(reading.mapping), reading.empties
    locked.members_since = reading.members_since
    locked.planned_at, locked.fingerprint, locked.counts, locked.is_stale = None, "", {}, False
    locked.save()
    _ask_to_read(locked, by=by, now=now)
    return locked


def _is_being_read_as(file: ImportFile, reading: Reading) -> bool:
    asked = (list(reading.mapping), reading.empties, reading.members_since)
    is_read = file.job is not None and not file.job.is_ended
    return is_read and (file.mapping, file.empties, file.members_since) == asked


def _ask_to_read(file: ImportFile, *, by: Actor, now: datetime) -> None:
    file.job = _ask(READ_KIND, file, {}, by=by, now=now)
    file.save(update_fields=["job"])


def _ask(
    kind: str,
    file: ImportFile,
    said: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    unique_key: str | None = None,
) -> Job:
    actor = {"role": by.role.value, "user_id": by.user_id}
    return enqueue_job(
        kind,
        payload={"file": file.pk, "cpts": file.cpts_id, "by": actor, **said},
        requester=f"user-{by.user_id}",
        now=now,
        keep_for=KEPT,
        unique_key=unique_key,
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Hold back Python's search for cycles: thousands of rows make none, it took a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_collector_paused()
def plan_file(job: Job, report: Report) -> None:
    """Read the rows of a file against the registry, and keep what each would change, to be shown."""
    file = _file_of(job)
    now = timezone.now()
    report(5, "Lecture du registre")
    planner = ImportPlanner(file.cpts, unpacked(bytes(file.content)), reading_of(file), now=now)

    def told(done: int, count: int) -> None:
        report(10 + 70 * done // count, f"Ligne {done + 1} sur {count}")

    plan = planner.plan(report=told)
    report(85, "Préparation de l’aperçu")
    try:
        with transaction.atomic():
            lock_attempt(job)
            _keep_plan(file.pk, plan, now=now, is_stale=False)
    except ValidationError as error:
        raise JobError(" ".join(error.messages)) from error


@transaction.atomic
def decide_rows(file: ImportFile, choices: Mapping[int, Choice]) -> int:
    """Keep what was decided of rows, by number, and return how many possible duplicates are left undecided.

    Raises ValidationError for a row that has nothing to decide, an entry that it does not resemble, or two
    rows said to be the same entry.
    """
    locked = _locked(file.pk)
    if locked.written_at:
        raise ValidationError(_WRITTEN)
    rows = {row.number: row for row in locked.rows.filter(verdict=RowVerdict.DUPLICATE)}
    for number, choice in choices.items():
        if number not in rows or not _is_open_to(rows[number], choice):
            raise ValidationError(f"Ligne {number}\u00a0: ce choix n’est plus possible, relisez-la.")
        rows[number].choice, rows[number].chosen_id = choice.choice, choice.chosen
    _refuse_one_entry_for_two(list(rows.values()))
    decided = [rows[number] for number in choices]
    ImportRow.objects.bulk_update(decided, ["choice", "chosen"], batch_size=_LOT)
    return sum(not row.choice for row in rows.values())


def _is_open_to(row: ImportRow, choice: Choice) -> bool:
    if choice.choice != RowChoice.SAME:
        return choice.chosen is None
    return choice.chosen in {candidate["member"] for candidate in row.candidates}


def _refuse_one_entry_for_two(rows: Sequence[ImportRow]) -> None:
    seen: dict[int, int] = {}
    for row in rows:
        if row.chosen_id and (first := seen.setdefault(row.chosen_id, row.number)) != row.number:
            raise ValidationError(
                f"Les lignes {first} et {row.number} ne peuvent pas être la même inscription\u00a0: "
                "choisissez-la pour l’une des deux."
            )


@transaction.atomic
def agree(file: ImportFile, fingerprint: str, *, by: Actor, now: datetime) -> Job:
    """Have a worker write what was shown, and return its job; the same agreement twice is one job.

    Raises StaleError when another plan was shown meanwhile, ValidationError when rows are to be corrected or
    decided first.
    """
    locked = _locked(file.pk)
    if locked.written_at and locked.job:
        return locked.job
    if not locked.fingerprint or locked.fingerprint != fingerprint:
        raise StaleError
    if locked.counts.get(RowVerdict.REFUSED):
        raise ValidationError("Des lignes sont à corriger\u00a0: rien n’est enregistré tant qu’il en reste.")
    choices = _choices_of(locked)
    undecided = locked.counts.get(RowVerdict.DUPLICATE, 0) - len(choices)
    if undecided:
        raise ValidationError(f"Doublons possibles à décider\u00a0: {undecided}.")
    agreed = _agreed(locked, choices)
    locked.job = _ask(
        WRITE_KIND,
        locked,
        {"agreed": agreed},
        by=by,
        now=now,
        unique_key=f"{WRITE_KIND}:{locked.pk}:{agreed}",
    )
    locked.save(update_fields=["job"])
    return locked.job


@_collector_paused()
def write_file(job: Job, report: Report) -> None:
    """Write what was agreed to, all or nothing; when the registry changed meanwhile, show it again."""
    file = _file_of(job)
    if file.written_at:
        # A worker killed after its last word: all is there.
        return
    report(5, "Relecture du fichier")
    rows = unpacked(bytes(file.content))
    report(10, "Écriture dans le registre")
    try:
        with transaction.atomic():
            _write(job, file, rows, now=timezone.now())
    except IntegrityError as error:
        logger.exception("import %s: the base refused what the plan accepted", file.pk)
        raise JobError(_CLASH) from error
    except MovedError as error:
        raise JobError("Une adhésion a changé pendant l’import\u00a0: relisez le fichier.") from error
    except ValidationError as error:
        raise JobError(" ".join(error.messages)) from error


def _write(job: Job, file: ImportFile, rows: Sequence[Any], *, now: datetime) -> None:
    hold_registry(file.cpts)
    locked = _locked(file.pk)
    planner = ImportPlanner(file.cpts, rows, reading_of(locked), now=now)
    shown, choices = planner.plan(), _choices_of(locked)
    same = shown.fingerprint() == locked.fingerprint and _agreed(locked, choices) == job.payload["agreed"]
    decided = planner.plan(choices) if choices else shown
    lock_attempt(job)
    if not same or decided.having(RowVerdict.REFUSED, RowVerdict.DUPLICATE):
        _keep_plan(file.pk, decided if same else shown, now=now, is_stale=not same)
        return
    actor = Actor(
        role=Role(job.payload["by"]["role"]), user_id=job.payload["by"]["user_id"], cpts_id=file.cpts_id
    )
    write_plan(file.cpts, decided, file_name=file.name, day=timezone.localdate(now), by=actor, now=now)
    # The counts are those of what was done; the rows themselves are of no more use.
    locked.counts, locked.written_at, locked.content = dict(decided.counts), now, b""
    locked.save(update_fields=["counts", "written_at", "content"])
    locked.rows.all().delete()


@transaction.atomic
def drop_file(file: ImportFile) -> None:
    """Erase a file and its rows; one that is gone already is a second click."""
    ImportRow.objects.filter(file=file.pk).delete()
    ImportFile.objects.filter(pk=file.pk).delete()


def purge_files(*, now: datetime) -> int:
    """Erase the files whose time is over, and return how many. Harmless when run twice at once."""
    expired = list(ImportFile.objects.filter(expires_at__lte=now))
    for file in expired:
        drop_file(file)
    return len(expired)


def reading_of(file: ImportFile) -> Reading:
    """Return how somebody wants a file to be read."""
    return Reading(tuple(file.mapping), empties=file.empties, members_since=file.members_since)


def undecided_count(file: ImportFile) -> int:
    """Return how many possible duplicates wait for a choice. One query."""
    return file.rows.filter(verdict=RowVerdict.DUPLICATE, choice="").count()


def _locked(file_id: int) -> ImportFile:
    files = ImportFile.objects.select_for_update(of=("self",)).select_related("cpts", "job")
    file = files.filter(pk=file_id).first()
    if file is None:
        raise ValidationError(_LOST)
    return file


def _file_of(job: Job) -> ImportFile:
    file = ImportFile.objects.select_related("cpts").filter(pk=job.payload["file"]).first()
    if file is None:
        raise JobError(_LOST)
    return file


def _choices_of(file: ImportFile) -> Choices:
    decided = file.rows.filter(verdict=RowVerdict.DUPLICATE).exclude(choice="")
    return {
        number: (choice, chosen)
        for number, choice, chosen in decided.values_list("number", "choice", "chosen")
    }


def _agreed(file: ImportFile, choices: Choices) -> str:
    return fingerprint_of({"plan": file.fingerprint, "choices": sorted(choices.items())})


def _keep_plan(file_id: int, plan: ImportPlan, *, now: datetime, is_stale: bool) -> None:
    """Keep what is shown of a plan; rows that still have the choice to make keep what was decided."""
    locked = _locked(file_id)
    choices = _choices_of(locked)
    locked.rows.all().delete()
    rows = [_row_of(locked, row) for row in plan.rows]
    for row in rows:
        if row.verdict == RowVerdict.DUPLICATE and (made := choices.get(row.number)):
            choice = Choice(RowChoice(made[0]), made[1])
            if _is_open_to(row, choice):
                row.choice, row.chosen_id = choice.choice, choice.chosen
    ImportRow.objects.bulk_create(rows, batch_size=_LOT)
    locked.planned_at, locked.counts, locked.is_stale = now, dict(plan.counts), is_stale
    locked.fingerprint = plan.fingerprint()
    locked.save(update_fields=["planned_at", "counts", "is_stale", "fingerprint"])


def _row_of(file: ImportFile, row: PlannedRow) -> ImportRow:
    candidates = [
        {"member": entry.pk, "name": _named(entry), "reasons": reasons, "differences": differences}
        for entry, reasons, differences in row.candidates
    ]
    return ImportRow(
        file=file,
        number=row.number,
        verdict=row.verdict,
        label=row.label[:260],
        member=row.member,
        differences=row.differences,
        reasons=row.reasons,
        advice=row.advice,
        candidates=candidates,
    )


def _named(entry: Member) -> str:
    said = entry.get_profession_display() if entry.is_person else entry.get_structure_kind_display()
    return ", ".join(filter(None, [f"{entry.name} (n°\u00a0{entry.number})", str(said), entry.commune_name]))


def _result_link(job: Job) -> tuple[str, str]:
    file = ImportFile.objects.select_related("cpts").filter(pk=job.payload["file"]).first()
    if file is None:
        return _back_link(job)
    label = "Voir le résultat de l’import" if file.written_at else "Voir ce que l’import changerait"
    return label, file_address(file)


def _back_link(job: Job) -> tuple[str, str]:
    cpts = Cpts.objects.get(pk=job.payload["cpts"])
    return "Importer un fichier", reverse("members:imports", args=[cpts.slug])


def file_address(file: ImportFile) -> str:
    """Return the address of what a file would change."""
    return reverse("members:import_file", args=[file.cpts.slug, file.pk])


READ_FILE = JobKind(
    name=READ_KIND,
    label="Lecture du fichier de membres",
    run=plan_file,
    result_url=_result_link,
    back_url=_back_link,
    visible_to=open_under(can_edit_members),
)
WRITE_FILE = JobKind(
    name=WRITE_KIND,
    label="Import du fichier de membres",
    run=write_file,
    result_url=_result_link,
    back_url=_back_link,
    visible_to=open_under(can_edit_members),
)
