"""Lines of the open national directory of health professionals (domain reference, section 11), one by one."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO, cast

from core.ui.folding import fold
from members.enums import ExerciseMode, Profession

FILE_NAME = "PS_LibreAcces_Personne_activite"
SOURCE = "Annuaire Santé, extraction en libre accès, Agence du numérique en santé"
LICENCE = "Licence Ouverte"
_SEPARATOR = b"|"
# Twenty times the longest line of the file: what is longer is another file, and would fill the memory.
_LONGEST_LINE = 1 << 16
_BUFFER = 1 << 20
_REPORTED_EVERY = 100_000
_STAMP = re.compile(r"(?<!\d)(20\d{6})(?:\d{4}|\d{6})?(?!\d)")
_PROFESSIONS = frozenset(Profession.values)
# « Qualifié en médecine générale », « Spécialiste en médecine générale », « Médecine générale ».
_GENERAL_MEDICINE = frozenset({"SM26", "SM53", "SM54"})
_STUDENT = "E"
_MODES = {"L": ExerciseMode.LIBERAL, "S": ExerciseMode.SALARIED}
_COLUMNS = {
    "identifier": "Identification nationale PP",
    "last_name": "Nom d'exercice",
    "first_name": "Prénom d'exercice",
    "profession": "Code profession",
    "category": "Code catégorie professionnelle",
    "skill": "Code savoir-faire",
    "mode": "Code mode exercice",
    "company": "Raison sociale site",
    "sign": "Enseigne commerciale site",
    "commune": "Code commune (coord. structure)",
}
"""The columns that are read, by what they give; the others are never looked at."""
_LONGEST = {"identifier": 14, "last_name": 150, "first_name": 100}
_LONGEST_STRUCTURE = 200
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error)


class DirectoryFileError(Exception):
    """The file cannot be read as the national directory; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of a line: somebody's activity in a commune of a territory."""

    identifier: str
    last_name: str
    first_name: str
    profession: str
    is_general_practitioner: bool
    exercise_mode: str
    commune_code: str
    structure_name: str


@dataclass(slots=True)
class Tally:
    """What was met while reading: lines, those that cannot be read, those of a territory left out."""

    lines: int = 0
    malformed: int = 0
    students: int = 0
    unknown_professions: Counter[str] = field(default_factory=Counter)


@contextmanager
def opened_directory(source: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Open the text file, or the one that an archive holds, and give its name and its bytes as a stream.

    Raises DirectoryFileError for what cannot be opened, or read to its end while the block runs.
    """
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive, _inside(archive) as inside:
                stream = BufferedReader(cast("BufferedReader", inside), _BUFFER)
                yield Path(inside.name).name, cast("BinaryIO", stream)
        else:
            with source.open("rb", buffering=_BUFFER) as stream_of_text:
                yield source.name, stream_of_text
    except _UNREADABLE as error:
        raise DirectoryFileError(f"Le fichier {source} est illisible\u00a0: {error}.") from error


def date_of(name: str) -> date | None:
    """Return the day that a file's name tells: PS_LibreAcces_Personne_activite_202511200745.txt."""
    for stamp in _STAMP.findall(name):
        try:
            return date.fromisoformat(stamp)
        except ValueError:
            continue
    return None


class DirectoryLines:
    """The entries of a file in some communes, read line by line; `tally` says what was met on the way.

    In: the bytes of the file; by code as the file writes it, the code under which a commune is kept;
    `report`, called every hundred thousand lines with their number. Columns are found by their names, in
    any order. Raises DirectoryFileError for a file that is not this one, or that stops amid a line.
    """

    def __init__(
        self, stream: BinaryIO, communes: Mapping[str, str], report: Callable[[int], None] | None = None
    ) -> None:
        self.tally = Tally()
        self._stream = stream
        self._report = report
        self._communes = {code.encode(): kept for code, kept in communes.items()}
        self._encoding, names = _header(stream)
        self._width = len(names)
        self._places = _placed(names)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries that are kept, in the order of the file."""
        communes, commune = self._communes, self._places["commune"]
        for cells in self._lines():
            kept = communes.get(cells[commune])
            if kept and (entry := self._entry(cells, kept)):
                yield entry

    def _lines(self) -> Iterator[list[bytes]]:
        """Yield the cells of each line that has as many as the header."""
        tally, width, report = self.tally, self._width, self._report
        line, is_whole = b"", True
        for line in iter(partial(self._stream.readline, _LONGEST_LINE), b""):
            tally.lines += 1
            cells = line.rstrip(b"\r\n").split(_SEPARATOR)
            # Some editions end each line with a separator.
            is_whole = len(cells) == width or (len(cells) == width + 1 and not cells[-1])
            if is_whole:
                yield cells
            elif line.isspace():
                tally.lines -= 1
            else:
                tally.malformed += 1
            if report and not tally.lines % _REPORTED_EVERY:
                report(tally.lines)
        if not is_whole and not line.endswith(b"\n"):
            raise DirectoryFileError(
                "Le fichier s’arrête au milieu d’une ligne\u00a0: son téléchargement a dû être interrompu. "
                "Téléchargez-le de nouveau."
            )

    def _entry(self, cells: Sequence[bytes], commune_code: str) -> Entry | None:
        """Return what is kept of a line, None, counted, for a line that is not."""
        try:
            said = {name: self._said(cells[place]) for name, place in self._places.items()}
        except UnicodeDecodeError:
            self.tally.malformed += 1
            return None
        if not said["identifier"] or not said["last_name"] or _is_too_long(said):
            self.tally.malformed += 1
            return None
        if said["category"] == _STUDENT:
            self.tally.students += 1
            return None
        if said["profession"] not in _PROFESSIONS:
            self.tally.unknown_professions[said["profession"][:10]] += 1
            return None
        return _kept(said, commune_code)

    def _said(self, cell: bytes) -> str:
        # PostgreSQL stores no NUL.
        return " ".join(cell.decode(self._encoding).replace("\x00", " ").split())


def _kept(said: Mapping[str, str], commune_code: str) -> Entry:
    is_doctor = said["profession"] == Profession.DOCTOR
    return Entry(
        identifier=said["identifier"],
        last_name=said["last_name"],
        first_name=said["first_name"],
        profession=said["profession"],
        is_general_practitioner=is_doctor and said["skill"] in _GENERAL_MEDICINE,
        exercise_mode=_MODES.get(said["mode"], ""),
        commune_code=commune_code,
        structure_name=(said["sign"] or said["company"])[:_LONGEST_STRUCTURE],
    )


def _is_too_long(said: Mapping[str, str]) -> bool:
    return any(len(said[name]) > longest for name, longest in _LONGEST.items())


def _inside(archive: zipfile.ZipFile) -> IO[bytes]:
    found = [info for info in archive.infolist() if fold(FILE_NAME) in fold(info.filename)]
    if len(found) != 1:
        raise DirectoryFileError(f"L’archive ne contient pas un fichier {FILE_NAME}_….txt, et un seul.")
    try:
        return archive.open(found[0])
    except (RuntimeError, NotImplementedError) as error:
        raise DirectoryFileError("L’archive est protégée, ou compressée d’une manière inconnue.") from error


def _header(stream: BinaryIO) -> tuple[str, list[str]]:
    """Return the encoding of the file, which the accents of its header tell, and the names of its columns."""
    line = stream.readline(_LONGEST_LINE)
    for encoding in ("utf-8", "cp1252"):
        try:
            names = line.decode(encoding).removeprefix("\ufeff").rstrip("\r\n").split("|")
        except UnicodeDecodeError:
            continue
        return encoding, names if names[-1].strip() else names[:-1]
    raise DirectoryFileError(_not_this_file())


def _placed(names: Sequence[str]) -> dict[str, int]:
    """Return where each column that is read stands; raises DirectoryFileError naming those that miss."""
    folded = {fold(name): place for place, name in enumerate(names)}
    places = {each: folded[fold(name)] for each, name in _COLUMNS.items() if fold(name) in folded}
    missing = [f"«\u00a0{name}\u00a0»" for each, name in _COLUMNS.items() if each not in places]
    if len(missing) == len(_COLUMNS):
        raise DirectoryFileError(_not_this_file())
    if missing:
        raise DirectoryFileError(
            f"Il manque au fichier {'la colonne' if len(missing) == 1 else 'les colonnes'} "
            f"{', '.join(missing)}. Est-ce bien {FILE_NAME}_….txt, et non un autre de l’archive\u00a0?"
        )
    return places


def _not_this_file() -> str:
    return (
        "Ce fichier n’est pas celui de l’annuaire national des professionnels de santé\u00a0: sa première "
        "ligne devrait nommer ses colonnes, séparées par «\u00a0|\u00a0». Le fichier attendu s’appelle "
        f"{FILE_NAME}_….txt."
    )
