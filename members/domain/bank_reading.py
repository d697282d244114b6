"""Reading a bank's or a membership platform's file of payments, whatever its columns are called."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from core.spreadsheets.reading import Cell, Limits, Line, SpreadsheetError, cell_text, read_lines
from core.ui.folding import fold
from members.models.fee import LARGEST_FEE

LIMITS = Limits(max_bytes=2 * 1024 * 1024, max_rows=5_000, max_columns=100)
_SHOWN_ERRORS = 10
_DAY_FORMATS = ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
_AMOUNT_NOISE = re.compile(r"[\s\u00a0\u202f€+]|EUR", re.IGNORECASE)
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "paid_on": (
        "date", "date operation", "date de l operation", "date d operation", "date de paiement",
        "date du paiement", "date de la commande", "date comptable", "date de comptabilisation",
        "date valeur", "date de valeur",
    ),
    "amount": (
        "credit", "credit euros", "credit eur", "montant", "montant eur", "montant euros",
        "montant en euros", "montant de l operation", "montant total", "montant adhesion", "montant du tarif",
        "montant tarif", "montant du paiement", "amount",
    ),
    "label": (
        "libelle", "libelle operation", "libelle de l operation", "libelle complet", "libelle simplifie",
        "description", "detail", "details", "motif", "communication", "objet", "informations complementaires",
    ),
    "payer": (
        "payeur", "nom payeur", "nom du payeur", "nom adherent", "nom de l adherent", "nom",
        "donneur d ordre", "nom complet", "emetteur",
    ),
    "first_name": ("prenom payeur", "prenom du payeur", "prenom adherent", "prenom de l adherent", "prenom"),
    "email": (
        "email payeur", "email du payeur", "e mail payeur", "email acheteur", "email", "e mail", "courriel",
        "adresse email", "adresse e mail", "adresse electronique", "mail",
    ),
    "reference": (
        "reference", "reference operation", "reference de l operation", "reference commande", "ref",
        "reference de la commande", "numero de commande", "n commande", "numero de cheque", "n de cheque",
    ),
    "status": ("statut", "statut de la commande", "statut du paiement", "etat", "status"),
}  # fmt: skip
_PAID = frozenset(
    {
        "",
        "valide",
        "validee",
        "paye",
        "payee",
        "paid",
        "succeeded",
        "autorise",
        "effectue",
        "reussi",
        "processed",
    }
)
_NO_HEADER = (
    "Les colonnes de ce fichier ne sont pas reconnues\u00a0: il faut au moins une date et un montant ou un "
    "crédit, comme «\u00a0Date\u00a0» et «\u00a0Crédit\u00a0», sur la première ligne du tableau."
)


class BankFileError(ValueError):
    """The file cannot be read; nothing was written. `errors` are French sentences, one for each fault."""

    def __init__(self, *errors: str) -> None:
        self.errors = errors
        super().__init__(" ".join(errors))


@dataclass(frozen=True)
class Credit:
    """Money that a line says came in, in euros; `fingerprint` tells this line from all others."""

    row: int
    paid_on: date
    amount: Decimal
    label: str = ""
    payer: str = ""
    email: str = ""
    reference: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class ReadFile:
    """What a file says: its credits, how many lines bring nothing, whether a membership platform made it."""

    credits: tuple[Credit, ...]
    outgoing: int
    is_platform: bool


def read_bank_file(file: BinaryIO, *, filename: str) -> ReadFile:
    """Return the credits of a file: CSV of any usual encoding and separator, XLSX or ODS.

    What comes before the header (account, period) is passed over; a line without a date is no operation; a
    debit, or a payment that the platform refused, brings nothing. Raises BankFileError, all faults at once.
    """
    try:
        lines = read_lines(file, filename=filename, limits=LIMITS)
    except SpreadsheetError as error:
        raise BankFileError(str(error)) from error
    columns, rest = _header(lines)
    found, errors, outgoing = [], [], 0
    for line in rest:
        cells = {name: line.cells[at] for name, at in columns.items() if at < len(line.cells)}
        if not cell_text(cells.get("paid_on", "")):
            continue
        try:
            credit = _credit(line.number, cells)
        except ValueError as error:
            errors.append(f"Ligne {line.number}\u00a0: {error}")
            continue
        if credit is None:
            outgoing += 1
        else:
            found.append(credit)
    if errors:
        raise BankFileError(*errors[:_SHOWN_ERRORS])
    return ReadFile(tuple(_fingerprinted(found)), outgoing, "email" in columns)


def _header(lines: Sequence[Line]) -> tuple[dict[str, int], Sequence[Line]]:
    """The columns by what they hold, and the lines below: the header is the first that names both."""
    for rank, line in enumerate(lines):
        names = [fold(cell_text(cell)) for cell in line.cells]
        columns = {
            field: names.index(known)
            for field, titles in _KNOWN.items()
            for known in reversed(titles)
            if known in names
        }
        if {"paid_on", "amount"} <= columns.keys():
            return columns, lines[rank + 1 :]
    raise BankFileError(_NO_HEADER)


def _credit(row: int, cells: Mapping[str, Cell]) -> Credit | None:
    """What a line brings, None for nothing; raises ValueError with a French sentence."""
    paid_on, amount = _day(cells["paid_on"]), _amount(cells.get("amount", ""))
    status = fold(_text(cells, "status", 60))
    if amount is None or amount <= 0 or status not in _PAID:
        return None
    if amount > LARGEST_FEE:
        raise ValueError("ce montant n’est pas celui d’une cotisation, retirez cette ligne du fichier.")
    payer = f"{_text(cells, 'first_name', 99)} {_text(cells, 'payer', 100)}".strip()
    label, email = _text(cells, "label", 300), _text(cells, "email", 254).lower()
    return Credit(row, paid_on, amount, label, payer, email, _text(cells, "reference", 100))


def _text(cells: Mapping[str, Cell], name: str, longest: int) -> str:
    return cell_text(cells.get(name, ""))[:longest]


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    typed = cell_text(cell).partition(" ")[0].partition("T")[0]
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007  # a day has no time zone
        except ValueError:
            continue
    raise ValueError(f"«\u00a0{typed[:30]}\u00a0» n’est pas une date.")


def _amount(cell: Cell) -> Decimal | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _to_the_cent(Decimal(str(cell)))
    typed = _AMOUNT_NOISE.sub("", cell_text(cell)).replace("\u2212", "-")
    if not typed:
        return None
    if "," in typed:
        typed = typed.replace(".", "").replace(",", ".")
    try:
        return _to_the_cent(Decimal(typed))
    except InvalidOperation:
        raise ValueError(f"«\u00a0{typed[:30]}\u00a0» n’est pas un montant.") from None


def _to_the_cent(amount: Decimal) -> Decimal:
    if not amount.is_finite() or abs(amount) > 10**9:
        raise ValueError("ce montant est impossible.")
    return amount.quantize(Decimal("0.01"))


def _fingerprinted(found: Sequence[Credit]) -> Iterator[Credit]:
    """The same credits, each with its fingerprint: equal lines of one file differ by their rank."""
    seen: Counter[str] = Counter()
    for credit in found:
        told = "|".join(
            [
                credit.paid_on.isoformat(), str(credit.amount), fold(credit.label), fold(credit.payer),
                credit.email, fold(credit.reference),
            ]
        )  # fmt: skip
        seen[told] += 1
        yield replace(credit, fingerprint=hashlib.sha256(f"{told}|{seen[told]}".encode()).hexdigest())
