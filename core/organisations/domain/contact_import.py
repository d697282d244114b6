"""A spreadsheet of contacts: what it would change, row by row, then the same once agreed, all or nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.fingerprints import fingerprint_of
from core.organisations.domain.contacts import (
    CONTACT_FIELDS,
    Key,
    hold_directory,
    key_of,
    says_of,
    write_checked,
)
from core.organisations.domain.phones import parse_phone, phone_text
from core.organisations.enums import ContactKind, ImportVerdict
from core.organisations.models import Contact, Cpts
from core.spreadsheets.errors import SpreadsheetError
from core.spreadsheets.reading import Cell, Limits, cell_text, read_table
from core.spreadsheets.writing import restored
from core.territories.models import Departement, Vintage
from core.ui.folding import fold

COLUMNS: Mapping[str, str] = {
    "kind": "Nature",
    "institution": "Institution",
    "departement_code": "Code département",
    "territory": "Territoire",
    "person": "Personne",
    "function": "Fonction",
    "email": "Adresse électronique",
    "phone": "Téléphone",
    "address": "Adresse postale",
}
"""The columns of an export, which the import reads back."""
_OTHER_HEADERS: dict[str, str] = {
    "type": "kind", "categorie": "kind", "organisme": "institution", "structure": "institution",
    "nom": "person", "contact": "person", "interlocuteur": "person", "nom prenom": "person",
    "departement": "departement_code", "dep": "departement_code", "secteur": "territory",
    "qualite": "function", "poste": "function",
    "email": "email", "e mail": "email", "mail": "email", "courriel": "email", "adresse mail": "email",
    "tel": "phone", "numero de telephone": "phone", "adresse": "address",
}  # fmt: skip
_HEADERS = {fold(label): name for name, label in COLUMNS.items()} | _OTHER_HEADERS
_KINDS = {fold(str(text)): kind for kind in ContactKind for text in (kind.value, kind.label)}
_LIMITS = Limits(
    max_bytes=2 * 1024 * 1024, max_rows=1001, max_columns=50, max_unpacked_bytes=20 * 1024 * 1024
)
# Longer than any column: such a cell is refused all the same.
_LONGEST_CELL = 300
_NOT_IN_FILES = ("cpts", "search_name", "archived_at", "revision")
_NOTE = "Import d’un tableur."
_UNREACHABLE = "donnez au moins une adresse électronique, un téléphone ou une adresse postale."
_KEPT_BY_OTHERS = (
    "l’annuaire commun, que tient l’administration, dit autre chose de ce contact\u00a0: "
    "retirez cette ligne du fichier."
)


@dataclass(frozen=True)
class SheetRow:
    """A row of the file as it was read: its number, and the text of each known column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class PlannedRow:
    """What the import would do with a row: `differences` are label, value before, value after."""

    number: int
    verdict: ImportVerdict
    label: str
    values: dict[str, Any] = field(default_factory=dict)
    contact: Contact | None = None
    differences: tuple[tuple[str, str, str], ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportPlan:
    """What the import of a whole file would do."""

    rows: tuple[PlannedRow, ...]

    def having(self, *verdicts: ImportVerdict) -> list[PlannedRow]:
        """Return the rows with one of these verdicts, in the order of the file."""
        return [row for row in self.rows if row.verdict in verdicts]

    @cached_property
    def counts(self) -> Counter[ImportVerdict]:
        """How many rows have each verdict."""
        return Counter(row.verdict for row in self.rows)

    @property
    def refused(self) -> list[PlannedRow]:
        """Rows to correct: with a single one, nothing is written."""
        return self.having(ImportVerdict.REFUSED)

    @property
    def to_write(self) -> list[PlannedRow]:
        """Rows that would be written."""
        return self.having(ImportVerdict.NEW, ImportVerdict.CHANGED)

    def fingerprint(self) -> str:
        """Return what identifies all that the plan would do, to agree to it and to nothing else."""
        rows = [
            [row.number, row.verdict.value, row.contact.pk if row.contact else None, row.differences]
            for row in self.rows
        ]
        return fingerprint_of({"rows": rows})


def read_contacts(file: BinaryIO, *, filename: str) -> list[SheetRow]:
    """Return the rows of a spreadsheet of contacts; raises SpreadsheetError with a French sentence."""
    table = read_table(file, filename=filename, limits=_LIMITS)
    columns = _columns(table.headers)
    rows = [
        SheetRow(number, {name: _text(cells[index]) for name, index in columns.items()})
        for number, cells in zip(table.lines, table.rows, strict=True)
    ]
    if not rows:
        raise SpreadsheetError("Ce fichier a des en-têtes mais aucune ligne de contact.")
    return rows


def plan_import(cpts: Cpts | None, rows: Sequence[SheetRow]) -> ImportPlan:
    """Return what importing these rows into the directory of a CPTS (None: the shared one) would do.

    A CPTS writes its own contacts only: a row that says the same as a shared one changes nothing, one that
    says otherwise is refused. Four queries, whatever the number of rows. Writes nothing.
    """
    planner = _Planner(cpts)
    return ImportPlan(tuple(planner.planned(row) for row in rows))


@transaction.atomic
def import_contacts(
    cpts: Cpts | None, rows: Sequence[SheetRow], *, agreed: str, by: Actor, now: datetime
) -> ImportPlan:
    """Write what was agreed to, all or nothing, and return what was done.

    In: the rows as they were read; the fingerprint of the plan that was shown. A plan that has become empty
    is a success: the form was sent twice. Raises StaleError when the plan is no longer the one agreed to.
    """
    hold_directory(cpts)
    plan = plan_import(cpts, rows)
    if not plan.refused and not plan.to_write:
        return plan
    if plan.refused or plan.fingerprint() != agreed:
        raise StaleError
    for row in plan.to_write:
        write_checked(row.contact or Contact(cpts=cpts), row.values, by=by, now=now, note=_NOTE)
    return plan


def _columns(headers: Iterable[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, header in enumerate(headers):
        name = _HEADERS.get(fold(header[:_LONGEST_CELL]))
        if name:
            columns.setdefault(name, index)
    if missing := [COLUMNS[name] for name in ("kind", "institution") if name not in columns]:
        names = " et ".join(f"«\u00a0{label}\u00a0»" for label in missing)
        raise SpreadsheetError(
            f"Il manque la colonne {names} dans la première ligne. "
            "Téléchargez l’annuaire\u00a0: son fichier a les colonnes attendues."
        )
    return columns


def _text(cell: Cell) -> str:
    return restored(cell_text(cell))[:_LONGEST_CELL]


class _Planner:
    """Judges rows one after the other, knowing the directory and the rows before."""

    def __init__(self, cpts: Cpts | None) -> None:
        self.cpts = cpts
        self.departements = _departement_codes()
        self.own: dict[Key, Contact] = {}
        self.shared: dict[Key, Contact] = {}
        known = Contact.objects.open_to(cpts.pk) if cpts else Contact.objects.shared()
        for contact in known.select_related("cpts").order_by("-pk"):
            mine = contact.cpts_id == (cpts.pk if cpts else None)
            (self.own if mine else self.shared)[key_of(contact)] = contact
        self.seen: dict[Key, int] = {}

    def planned(self, row: SheetRow) -> PlannedRow:
        label = " – ".join(filter(None, [row.cells.get("institution", ""), row.cells.get("person", "")]))
        try:
            values = self._values(row)
        except ValidationError as error:
            return PlannedRow(row.number, ImportVerdict.REFUSED, label, reasons=_sentences(error))
        contact = Contact(cpts=self.cpts, **values)
        return self._judged(row, label, values, contact)

    def _judged(self, row: SheetRow, label: str, values: dict[str, Any], contact: Contact) -> PlannedRow:
        key = key_of(contact)
        mine, common = self.own.get(key), self.shared.get(key)
        for known in filter(None, (mine, common)):
            if not _differences(known, contact, values):
                return PlannedRow(row.number, ImportVerdict.UNCHANGED, label, contact=known)
        if (first := self.seen.setdefault(key, row.number)) != row.number:
            reason = f"ce contact est déjà à la ligne {first}."
            return PlannedRow(row.number, ImportVerdict.REFUSED, label, reasons=(reason,))
        if mine is not None:
            differences = _differences(mine, contact, values)
            return PlannedRow(row.number, ImportVerdict.CHANGED, label, values, mine, differences)
        if common is not None:
            return PlannedRow(row.number, ImportVerdict.REFUSED, label, reasons=(_KEPT_BY_OTHERS,))
        return PlannedRow(row.number, ImportVerdict.NEW, label, values, None, _news(contact))

    def _values(self, row: SheetRow) -> dict[str, Any]:
        """Return the values of the row's columns; raises ValidationError by field."""
        values: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, text in row.cells.items():
            try:
                values[name] = self._value(name, text)
            except ValidationError as error:
                errors[name] = error
        errors |= _field_errors(Contact(cpts=self.cpts, **values), but=errors.keys())
        if errors:
            raise ValidationError(errors)
        return values

    def _value(self, name: str, text: str) -> Any:
        if name == "kind":
            return _kind(text)
        if name == "departement_code":
            return self._departement(text)
        return _phone(text) if name == "phone" and text else text

    def _departement(self, text: str) -> str:
        code = text.upper().zfill(2) if text else ""
        found = code if code in self.departements else self.departements.get(fold(text))
        if text and found is None:
            raise ValidationError(
                f"«\u00a0{text}\u00a0» n’est ni le code ni le nom d’un département, par exemple 50 ou Manche."
            )
        return found or ""


def _departement_codes() -> dict[str, str]:
    """Return the code of each département of the latest official code, by its code and by its folded name."""
    vintage = Vintage.objects.current()
    pairs = list(Departement.objects.filter(vintage=vintage).values_list("code", "name"))
    return {code: code for code, _ in pairs} | {fold(name): code for code, name in pairs}


def _kind(text: str) -> ContactKind:
    kind = _KINDS.get(fold(text))
    if kind is None:
        labels = ", ".join(str(label) for label in ContactKind.labels)
        said = f"«\u00a0{text}\u00a0» n’est pas une nature connue" if text else "il en faut une"
        raise ValidationError(f"{said}\u00a0: {labels}.")
    return kind


def _phone(text: str) -> Any:
    # A column of numbers loses the zero they begin with.
    number = parse_phone(f"0{text}" if text.isdecimal() and len(text) == 9 else text)
    if number is None:
        raise ValidationError(f"«\u00a0{text}\u00a0» ne peut pas être composé\u00a0: il faut dix chiffres.")
    return number


def _field_errors(contact: Contact, *, but: Collection[str]) -> dict[str, Any]:
    """Return what is wrong with each field but these, of which the fault is known. No query is made."""
    try:
        contact.clean_fields(exclude=[*_NOT_IN_FILES, *but])
    except ValidationError as error:
        return dict(error.error_dict)
    reached = contact.email or contact.phone or contact.address or {"email", "phone", "address"} & {*but}
    return {} if reached else {"email": _UNREACHABLE}


def _sentences(error: ValidationError) -> tuple[str, ...]:
    return tuple(
        f"{COLUMNS[name]}\u00a0: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    )


def _differences(
    known: Contact, wanted: Contact, values: Mapping[str, Any]
) -> tuple[tuple[str, str, str], ...]:
    before, after = says_of(known), says_of(wanted)
    return tuple(
        (COLUMNS[name], shown_value(known, name), shown_value(wanted, name))
        for name in CONTACT_FIELDS
        if name in values and before[name] != after[name]
    )


def _news(contact: Contact) -> tuple[tuple[str, str, str], ...]:
    shown = ((label, shown_value(contact, name)) for name, label in COLUMNS.items())
    return tuple((label, "", value) for label, value in shown if value)


def shown_value(contact: Contact, name: str) -> str:
    """Return a field of a contact as a spreadsheet shows it."""
    if name == "kind":
        return str(contact.get_kind_display())
    return phone_text(getattr(contact, name))
