"""What the import of a file of members would do, row by row. Nothing is written here."""

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from core.audit.domain.fingerprints import fingerprint_of
from core.organisations.models import Cpts
from core.ui.folding import fold
from members.domain.columns import COLUMNS
from members.domain.identifiers import has_right_rpps_key
from members.domain.import_columns import FIELDS
from members.domain.import_communes import Communes, Pair
from members.domain.import_periods import NOTHING, Difference, Periods, PlannedPeriod
from members.domain.import_places import Structures, Workplace, place_differences, places_wanted
from members.domain.import_professions import ParsedProfession
from members.domain.import_registry import Claims, Registry, Sought, places_known
from members.domain.import_rows import SheetRow
from members.domain.import_values import MemberResource
from members.domain.members import (
    PlaceValues,
    check_fields,
    filled,
    names_of,
    rpps_taken,
    take_main_place,
)
from members.domain.names import fold_names
from members.enums import MemberKind, RowChoice, RowVerdict
from members.models import Member

_OF_BOTH = ("last_name", "email", "phone", "participation", "in_governance")
_OF_PERSONS = ("first_name", "profession", "doctor_kind", "speciality", "exercise_mode", "rpps", "adeli")
_OF_STRUCTURES = ("structure_kind", "finess", "siret", "address", "postal_code")
_WORKPLACE = ("structure", "structure_number")
_DIRECT = {
    MemberKind.NATURAL: (*_OF_BOTH, *_OF_PERSONS),
    MemberKind.LEGAL: (*_OF_BOTH, *_OF_STRUCTURES),
}
_NOT_FOR = {
    MemberKind.NATURAL: ("structure_kind", "finess", "siret"),
    MemberKind.LEGAL: (*_OF_PERSONS, *_WORKPLACE),
}
_EMPTIED = (
    "doctor_kind", "speciality", "exercise_mode", "rpps", "adeli", "finess", "siret", "email", "phone",
    "address", "postal_code",
)  # fmt: skip
"""What an empty cell erases, when somebody asks for it."""
_SAID = {"kind", "commune_code", "commune_name", *_OF_BOTH, *_OF_PERSONS, *_OF_STRUCTURES}
_COMPARED = tuple(name for name in FIELDS if name in _SAID)
# What the cells of a file are read into: closed lists, numbers whose shape was looked at.
_NOT_CHECKED = {field.name for field in Member._meta.fields} - {
    "last_name", "first_name", "speciality", "email", "address", "commune_name",
}  # fmt: skip
_STEP = 250
Report = Callable[[int, int], None]
Choices = Mapping[int, tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How somebody wants a file to be read: a column of the registry for each of its own, "" for none.

    `empties`: an empty cell erases what the registry says. `members_since`: the day since which new entries
    are members, when their row does not say.
    """

    mapping: tuple[str, ...]
    empties: bool = False
    members_since: date | None = None


@dataclass(slots=True)
class PlannedRow:
    """What the import would do with a row.

    `member` is the entry that it speaks of, `wanted` what this entry, or a new one, would be, with `places`;
    `candidates` the entries that it resembles, each with the reasons and what would change of it.
    """

    number: int
    label: str
    verdict: RowVerdict
    member: Member | None = None
    wanted: Member | None = None
    places: list[PlaceValues] = field(default_factory=list)
    period: PlannedPeriod = NOTHING
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    candidates: tuple[tuple[Member, tuple[str, ...], tuple[Difference, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What the import of a whole file would do."""

    rows: list[PlannedRow]

    def having(self, *verdicts: RowVerdict) -> list[PlannedRow]:
        """Return the rows with one of these verdicts, in the order of the file."""
        return [row for row in self.rows if row.verdict in verdicts]

    @property
    def counts(self) -> Counter[str]:
        """How many rows have each verdict."""
        return Counter(row.verdict.value for row in self.rows)

    def fingerprint(self) -> str:
        """Return what identifies all that the plan would do."""
        return fingerprint_of({"rows": [_told(row) for row in self.rows]})


def _told(row: PlannedRow) -> list[Any]:
    member = row.member.pk if row.member else None
    candidates = [[entry.pk, differences] for entry, _, differences in row.candidates]
    return [row.number, row.verdict.value, member, row.differences, row.reasons, candidates]


@dataclass(slots=True)
class _Row:
    """A row parsed: the text of each known column, what it stands for, what cannot be."""

    number: int
    texts: dict[str, str]
    values: dict[str, Any]
    errors: dict[str, list[str]]

    @property
    def kind(self) -> str:
        """What a row that does not say it seems to speak of."""
        says = self.values
        if kind := says.get("kind"):
            return str(kind)
        if "structure_kind" in says:
            return MemberKind.LEGAL
        if says.keys() & {"first_name", "profession", "rpps", "adeli"} or not says.keys() & {
            "siret",
            "finess",
        }:
            return MemberKind.NATURAL
        return MemberKind.LEGAL

    @property
    def label(self) -> str:
        """Of whom the row speaks, as the file writes it."""
        return f"{self.texts.get('first_name', '')} {self.texts.get('last_name', '')}".strip()[:260]


class ImportPlanner:
    """Reads the registry once, and plans the same rows with one set of choices or another.

    In: the rows as they were read, how to read them, and the day. Some twenty queries, however many rows.
    """

    def __init__(self, cpts: Cpts, rows: Sequence[SheetRow], reading: Reading, *, now: datetime) -> None:
        self.cpts, self.reading, self.now = cpts, reading, now
        today = localdate(now)
        self.rows = [self._parsed(row, resource) for resource in [MemberResource()] for row in rows]
        self.registry = Registry(cpts)
        self.periods = Periods(self.registry, members_since=reading.members_since, today=today)
        self.communes = Communes(
            cpts,
            names=(row.values.get("commune_name", "") for row in self.rows),
            codes=(row.values.get("commune_code", "") for row in self.rows),
            today=today,
        )

    def plan(self, choices: Choices | None = None, report: Report | None = None) -> ImportPlan:
        """Return what the rows would do, those that resemble an entry decided as `choices` says.

        In: for the number of a row, a `RowChoice` and the key of the entry chosen; `report(done, all)`.
        """
        judge = _Judge(self, choices or {})
        planned: dict[int, PlannedRow] = {}
        # Structures first: people of the same file may practise in them.
        ordered = sorted(self.rows, key=lambda row: self._kind(row) != MemberKind.LEGAL)
        for done, row in enumerate(ordered):
            planned[row.number] = judge.planned(row)
            if report and done % _STEP == 0:
                report(done, len(ordered))
        plan = ImportPlan([planned[row.number] for row in self.rows])
        _refuse_shared_rpps(plan, self.registry)
        return plan

    def _kind(self, row: _Row) -> str:
        entry = self.registry.by_number.get(row.values.get("number", 0))
        return entry.kind if entry else row.kind

    def _parsed(self, row: SheetRow, resource: MemberResource) -> _Row:
        texts = {name: text for name, text in zip(self.reading.mapping, row.cells, strict=False) if name}
        values, errors = resource.values_of(texts)
        if self.reading.empties:
            values |= {name: "" for name in _EMPTIED if texts.get(name) == ""}
        return _Row(row.number, texts, values, errors)


class _Judge:
    """Judges rows one after the other, knowing the registry and the rows before."""

    def __init__(self, planner: ImportPlanner, choices: Choices) -> None:
        self.planner, self.choices = planner, choices
        self.registry = planner.registry
        self.structures = Structures(planner.registry)
        self.claims = Claims()

    def planned(self, row: _Row) -> PlannedRow:
        """Return what the import would do with a row."""
        try:
            planned = self._planned(row)
        except ValidationError as error:
            return PlannedRow(row.number, row.label, RowVerdict.REFUSED, reasons=_sentences(error))
        if planned.wanted is not None and planned.wanted.kind == MemberKind.LEGAL:
            self.structures.add(planned.member or planned.wanted, planned.wanted.last_name)
        return planned

    def _planned(self, row: _Row) -> PlannedRow:
        errors: dict[str, list[str]] = dict(row.errors)
        entry, commune = None, None
        with _noting(errors, "number"):
            entry = self._numbered(row)
        with _noting(errors, "commune_name"):
            commune = self._commune(row, entry)
        if errors:
            raise ValidationError(errors)
        kind = entry.kind if entry else row.kind
        sought = self._sought(row, kind, commune)
        if entry is None:
            match = self.registry.match(sought)
            choice, chosen = self.choices.get(row.number, ("", None))
            entry = match.entry
            if match.candidates and choice == RowChoice.SKIP:
                return PlannedRow(row.number, row.label, RowVerdict.SKIPPED)
            if match.candidates and choice == RowChoice.SAME:
                entry = next((each for each, _ in match.candidates if each.pk == chosen), None)
            if match.candidates and choice != RowChoice.NEW and entry is None:
                return self._duplicate(row, kind, match.candidates, commune)
        self.claims.take(row.number, entry, sought)
        return self._built(row, kind, entry, commune)

    def _numbered(self, row: _Row) -> Member | None:
        number = row.values.get("number")
        if number is None:
            return None
        entry = self.registry.numbered(number)
        if (kind := row.values.get("kind")) and kind != entry.kind:
            raise ValidationError(
                f"Le numéro {number} est celui de {entry.name}, {entry.get_kind_display().lower()}\u00a0: "
                "une inscription ne change pas de nature."
            )
        return entry

    def _commune(self, row: _Row, entry: Member | None) -> Pair | None:
        code, name = row.values.get("commune_code", ""), row.values.get("commune_name", "")
        known = (entry.commune_code, entry.commune_name) if entry else None
        # What the registry already says is kept, be the commune gone since.
        if known and (code, name) == known:
            return known
        return self.planner.communes.resolve(
            code=code, name=name, postal_code=row.values.get("postal_code", "")
        )

    def _sought(self, row: _Row, kind: str, commune: Pair | None) -> Sought:
        says = row.values
        names = (says.get("last_name", ""), says.get("first_name", "") if kind == MemberKind.NATURAL else "")
        numbers = ("rpps",) if kind == MemberKind.NATURAL else ("siret", "finess")
        if commune is None and kind == MemberKind.NATURAL:
            with _noting({}, ""):
                workplace = self.structures.workplace(says, None, None)
                structure = workplace.structure if workplace else None
                commune = (structure.commune_code, structure.commune_name) if structure else None
        return Sought(
            kind,
            fold(" ".join(names)),
            commune_code=commune[0] if commune else "",
            email=says.get("email", "").lower(),
            **{name: says.get(name, "") for name in numbers},
        )

    def _duplicate(
        self, row: _Row, kind: str, found: Sequence[tuple[Member, tuple[str, ...]]], commune: Pair | None
    ) -> PlannedRow:
        """Show what would change of each entry that the row resembles; a row wrong anyway is refused."""
        self._built(row, kind, None, commune)
        candidates = []
        for entry, reasons in found:
            try:
                differences = self._built(row, kind, entry, commune).differences
            except ValidationError as error:
                differences = tuple((sentence, "", "") for sentence in _sentences(error))
            candidates.append((entry, reasons, differences))
        return PlannedRow(row.number, row.label, RowVerdict.DUPLICATE, candidates=tuple(candidates))

    def _built(self, row: _Row, kind: str, entry: Member | None, commune: Pair | None) -> PlannedRow:
        errors: dict[str, list[str]] = {}
        wanted = _draft(self.planner, kind, entry)
        values = _direct_values(row.values, MemberKind(kind), entry)
        places: list[PlaceValues] = places_known(entry) if entry else []
        period, advice = NOTHING, [*_ignored(row.values, MemberKind(kind))]
        workplace: Workplace | None = None
        with _noting(errors):
            filled(wanted, values)
        with _noting(errors):
            period = self.planner.periods.planned(row.values, entry)
        if kind == MemberKind.LEGAL and commune:
            wanted.commune_code, wanted.commune_name = commune
        if kind == MemberKind.NATURAL:
            with _noting(errors):
                workplace = self.structures.workplace(row.values, entry, commune)
                places = places_wanted(row.values, entry, workplace, commune)
            take_main_place(wanted, places)
        with _noting(errors):
            check_fields(fold_names(wanted, names_of(places)), but=_NOT_CHECKED)
            _check_name(wanted)
        if errors:
            raise ValidationError(errors)
        advice += [*_advised(wanted, entry, workplace), *period.advice]
        differences = (*_differences(entry, wanted, places), *period.differences)
        verdict = _verdict(entry, differences)
        return PlannedRow(
            row.number, wanted.name, verdict, entry, wanted, places, period, differences, (), tuple(advice)
        )


@contextmanager
def _noting(errors: dict[str, list[str]], name: str = "last_name") -> Iterator[None]:
    """Note what is wrong and go on: a row is told all its errors at once. `name`: for those of no field."""
    try:
        yield
    except ValidationError as error:
        for key, messages in _by_field(error, name).items():
            errors.setdefault(key, []).extend(messages)


def _check_name(wanted: Member) -> None:
    if wanted.last_name and not wanted.sort_name:
        raise ValidationError({"last_name": "Un nom a au moins une lettre ou un chiffre."})


def _draft(planner: ImportPlanner, kind: str, entry: Member | None) -> Member:
    if entry is not None:
        return copy.copy(entry)
    return Member(cpts=planner.cpts, number=0, kind=kind, created_at=planner.now)


def _direct_values(says: Mapping[str, Any], kind: MemberKind, entry: Member | None) -> dict[str, Any]:
    values = {name: says[name] for name in _DIRECT[kind] if name in says}
    if isinstance(parsed := values.get("profession"), ParsedProfession):
        told = {name: getattr(parsed, name) for name in ("doctor_kind", "speciality", "exercise_mode")}
        values = {name: value for name, value in told.items() if value} | values | {"profession": parsed.code}
    if entry is not None:
        values = {
            name: value for name, value in values.items() if not _is_louder(value, getattr(entry, name))
        }
    return values


def _is_louder(value: Any, known: Any) -> bool:
    """Whether a cell says the same name, or address, in capitals: what the registry writes is better."""
    if not isinstance(value, str) or not isinstance(known, str) or value == known:
        return False
    if "@" in value:
        return value.lower() == known.lower()
    return value.isupper() and fold(value) == fold(known)


def _ignored(says: Mapping[str, Any], kind: MemberKind) -> Iterator[str]:
    ignored = [FIELDS[name] for name in _NOT_FOR[kind] if says.get(name)]
    if ignored:
        whom = "une personne" if kind == MemberKind.NATURAL else "une structure"
        yield f"{', '.join(ignored)}\u00a0: laissé de côté, le registre ne le garde pas pour {whom}."


def _advised(wanted: Member, entry: Member | None, workplace: Workplace | None) -> Iterator[str]:
    if wanted.rpps and not has_right_rpps_key(wanted.rpps) and (entry is None or entry.rpps != wanted.rpps):
        yield f"Numéro RPPS {wanted.rpps}\u00a0: sa clé est fausse, un chiffre est peut-être mal recopié."
    if workplace and workplace.label:
        yield (
            f"«\u00a0{workplace.label}\u00a0» n’est pas une structure du registre\u00a0: "
            "seul le nom du lieu est gardé."
        )
    if (
        entry is not None
        and fold(entry.last_name) != fold(wanted.last_name)
        and (fold(entry.first_name) != fold(wanted.first_name) or not entry.is_person)
    ):
        yield f"Le nom change en entier\u00a0: vérifiez que le numéro {entry.number} est le bon."


def _differences(entry: Member | None, wanted: Member, places: Sequence[PlaceValues]) -> Iterator[Difference]:
    """Yield what would change, under the headers and in the words of an export."""
    for name in _COMPARED:
        before, after = getattr(entry, name, ""), getattr(wanted, name)
        if before is after or before == after:
            continue
        if entry or after is not False:
            yield FIELDS[name], _shown(name, entry), _shown(name, wanted)
    if wanted.kind == MemberKind.NATURAL:
        known = places_known(entry) if entry else []
        yield from place_differences(known, places)


def _shown(name: str, member: Member | None) -> str:
    return str(COLUMNS[name].shown(member)) if member else ""


def _verdict(entry: Member | None, differences: Sequence[Difference]) -> RowVerdict:
    if entry is None:
        return RowVerdict.NEW
    return RowVerdict.CHANGED if differences else RowVerdict.UNCHANGED


def _sentences(error: ValidationError) -> tuple[str, ...]:
    return tuple(
        f"{FIELDS[name]}\u00a0: {message}" if name in FIELDS else message
        for name, messages in _by_field(error, "").items()
        for message in messages
    )


def _by_field(error: ValidationError, other: str) -> dict[str, list[str]]:
    """Return what is wrong by field, under `other` what is of none."""
    return error.message_dict if hasattr(error, "error_dict") else {other: error.messages}


def _refuse_shared_rpps(plan: ImportPlan, registry: Registry) -> None:
    """Refuse the row that would give somebody the RPPS number of another, in the registry or in the file."""
    moved = {row.member.pk for row in plan.rows if row.member}
    holders = {rpps: entry for rpps, entry in registry.by_rpps.items() if entry.pk not in moved}
    for row in plan.having(RowVerdict.NEW, RowVerdict.CHANGED, RowVerdict.UNCHANGED):
        if row.wanted is None or not row.wanted.rpps:
            continue
        holder = holders.setdefault(row.wanted.rpps, row.wanted)
        if holder is not row.wanted:
            row.verdict, row.differences = RowVerdict.REFUSED, ()
            row.reasons = (f"{FIELDS['rpps']}\u00a0: {rpps_taken(holder)}",)
