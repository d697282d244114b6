"""Keeping, of the national directory, those who practise in the communes of the CPTS of the platform."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, ProtectedError, Q
from django.utils import timezone

from core.access.actors import PLATFORM
from core.audit.domain.journal import record
from core.organisations.models import TerritoryCommune
from core.territories.models import Commune, FormerCommune, Vintage
from core.ui.formatting import long_date
from members.domain.directory_lines import DirectoryFileError, DirectoryLines, Entry, Tally
from members.enums import ExerciseMode, Profession
from members.models import DirectoryEdition, Professional

_BATCH = 1_000
_MERGED = ("is_general_practitioner", "exercise_mode", "structure_name")
_OVERTAKEN = "Une autre lecture de l’annuaire est en cours\u00a0: attendez sa fin, ou arrêtez-la."

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """An edition just read, and what was met in its file."""

    edition: DirectoryEdition
    tally: Tally


def load_directory(
    name: str,
    stream: BinaryIO,
    *,
    published_on: date,
    now: datetime,
    report: Callable[[int], None] | None = None,
) -> Reading:
    """Read a file of the national directory, and show what falls in the territories in place of the former.

    In: its name, its bytes, the day it was made on; `report` is told how many lines were read. Nothing is
    shown of an edition before it is complete: a reading that fails leaves the former one, and removes what
    it wrote; what a killed one wrote goes with the next. Memory does not grow with the file. Raises
    DirectoryFileError with a French sentence.
    """
    _refuse_older(published_on)
    communes = communes_followed(timezone.localdate(now))
    lines = DirectoryLines(stream, communes, report)
    try:
        _forget_all_but(DirectoryEdition.objects.current())
        edition = DirectoryEdition.objects.create(
            file_name=name[:150], published_on=published_on, started_at=now
        )
        try:
            _keep_all(edition, lines)
            _publish(edition, lines.tally)
        except BaseException:
            _forget(edition)
            edition.delete()
            raise
        _forget_all_but(edition)
    except (IntegrityError, ProtectedError) as error:
        raise DirectoryFileError(_OVERTAKEN) from error
    return Reading(edition, lines.tally)


def communes_followed(day: date) -> dict[str, str]:
    """Return the communes that a CPTS holds on `day` or will hold: by code of a file, the code kept.

    Of a city held whole its arrondissements are kept, and the city of an arrondissement: files give one or
    the other. The code of a commune that merged stands for the one it is part of now. Raises
    DirectoryFileError when no CPTS has a territory yet.
    """
    held = TerritoryCommune.objects.filter(
        Q(territory__ends_on=None) | Q(territory__ends_on__gt=day)
    ).values_list("code", "city_code")
    codes = {code for pair in held.distinct() for code in pair}
    if not codes:
        raise DirectoryFileError(
            "Aucune CPTS n’a encore de territoire\u00a0: sans commune, rien de l’annuaire ne serait gardé."
        )
    vintage = Vintage.objects.current()
    districts = Commune.objects.filter(vintage=vintage).exclude(parent=None)
    whole = {code for code, city in held if code == city}
    codes |= {code for code, city in districts.values_list("code", "parent__code") if city in whole}
    former = FormerCommune.objects.filter(commune__vintage=vintage).values_list("code", "commune__code")
    return {code: heir for code, heir in former if heir in codes} | {code: code for code in codes}


def _refuse_older(published_on: date) -> None:
    current = DirectoryEdition.objects.current()
    if current and published_on < current.published_on:
        raise DirectoryFileError(
            f"Une édition plus récente, du {long_date(current.published_on)}, est déjà chargée. "
            "Téléchargez la dernière."
        )


def _keep_all(edition: DirectoryEdition, entries: Iterable[Entry]) -> None:
    waiting = iter(entries)
    while batch := list(islice(waiting, _BATCH)):
        _keep(edition, batch)
    # A line tells one qualification of a doctor: what a line says in a commune holds in the others.
    general = edition.professionals.filter(identifier=OuterRef("identifier"), is_general_practitioner=True)
    doctors = edition.professionals.filter(profession=Profession.DOCTOR, is_general_practitioner=False)
    doctors.filter(Exists(general)).update(is_general_practitioner=True)


@transaction.atomic
def _keep(edition: DirectoryEdition, batch: Iterable[Entry]) -> None:
    """Write entries, those of the same person, profession and commune as one row."""
    known = edition.professionals.filter(identifier__in={entry.identifier for entry in batch})
    rows = {(row.identifier, row.profession, row.commune_code): row for row in known}
    changed: dict[Key, Professional] = {}
    for entry in batch:
        key = entry.identifier, entry.profession, entry.commune_code
        if row := rows.get(key):
            if _merge(row, entry):
                changed[key] = row
        else:
            rows[key] = _row(edition, entry)
    Professional.objects.bulk_create([row for row in rows.values() if row.pk is None])
    Professional.objects.bulk_update([row for row in changed.values() if row.pk], _MERGED)


def _row(edition: DirectoryEdition, entry: Entry) -> Professional:
    return Professional(edition=edition, **{name: getattr(entry, name) for name in Entry.__slots__})


def _merge(row: Professional, entry: Entry) -> bool:
    """Add to a row what another line says of the same activity, and tell whether something was added."""
    before = [getattr(row, name) for name in _MERGED]
    modes = {row.exercise_mode, entry.exercise_mode} - {""}
    row.is_general_practitioner |= entry.is_general_practitioner
    row.exercise_mode = ExerciseMode.MIXED if len(modes) > 1 else "".join(modes)
    row.structure_name = row.structure_name or entry.structure_name
    return before != [getattr(row, name) for name in _MERGED]


@transaction.atomic
def _publish(edition: DirectoryEdition, tally: Tally) -> None:
    """Make an edition the current one; raises DirectoryFileError when it holds nobody."""
    if not DirectoryEdition.objects.select_for_update().filter(pk=edition.pk).exists():
        raise DirectoryFileError(_OVERTAKEN)
    kept = edition.professionals.aggregate(kept=Count("identifier", distinct=True))["kept"]
    if not kept:
        raise DirectoryFileError(
            "Aucune ligne du fichier ne tombe dans les communes des CPTS\u00a0: l’édition précédente reste. "
            "Vérifiez que le fichier est entier."
        )
    edition.line_count, edition.kept_count = tally.lines, kept
    edition.completed_at = timezone.now()
    edition.save(update_fields=["line_count", "kept_count", "completed_at"])
    record("members.directory_loaded", edition, by=PLATFORM, now=edition.completed_at, cpts_id=None)


def _forget_all_but(kept: DirectoryEdition | None) -> None:
    """Delete the professionals of other editions; those of which no reading came to its end go too."""
    others = DirectoryEdition.objects.exclude(pk=kept.pk) if kept else DirectoryEdition.objects.all()
    for edition in others:
        _forget(edition)
        if edition.completed_at is None:
            edition.delete()


def _forget(edition: DirectoryEdition) -> None:
    """Delete the professionals of an edition, a batch at a time: no long lock, no large transaction."""
    while batch := list(edition.professionals.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        edition.professionals.filter(pk__in=batch).delete()
