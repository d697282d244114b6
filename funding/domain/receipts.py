"""Money that came in: recorded once for the lines it pays, taken back by a second row, never rewritten."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from aci.domain.contracts import lock_contracts
from aci.domain.texts import UNREADABLE
from aci.models import Contract
from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import created, record, snapshot
from funding.domain.followed_lines import line_of_row, standing_receipts
from funding.engine import LineKey, ScheduleLine, total_amount
from funding.engine.french import listed, long_date, quoted
from funding.models import Receipt, ReceiptLine, Statement, StatementLine
from funding.rules import can_record_receipt

LONGEST_REFERENCE, LONGEST_REASON = 100, 300
_NO_BREAK_SPACES = str.maketrans("\u00a0\u202f", "  ")
"""Those of amounts and of French punctuation, in what is pasted: Python finds them unprintable."""
_TOLD = ("received_on", "amount", "reference", "cancels", "reason")


class ReceiptError(ValueError):
    """A receipt cannot be recorded or cancelled as it is; nothing was written.

    `errors` maps the field at fault (`lines`, `received_on`, `reference`, `reason`) to one French sentence.
    """

    def __init__(self, **errors: str) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


@transaction.atomic
def record_receipt(
    contract: Contract,
    line_ids: Iterable[int],
    received_on: date,
    reference: str,
    *,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Record that the money of these lines came in, and return the receipt: its amount is theirs.

    In: numbers of lines of the statement in force, whole; the day and the bank's reference. Two at once give
    one; the very same receipt sent twice is returned as it is. Raises ReceiptError, which says every fault,
    StaleError when a newer statement took the place of the one shown, RefusedError for who is not treasurer.
    """
    locked = _locked(contract, by)
    wanted = set(line_ids)
    lines = list(_lines_in_force(locked, wanted))
    errors = _text_errors(reference=(reference, LONGEST_REFERENCE)) | _date_errors(locked, received_on, now)
    if not lines:
        errors["lines"] = "Choisissez au moins une échéance reçue."
    if errors:
        raise ReceiptError(**errors)
    if already := _standing_receipts_of(locked, lines):
        return _the_very_same(already, lines, received_on, reference)
    receipt = Receipt.objects.create(
        contract=locked,
        received_on=received_on,
        amount=total_amount(map(line_of_row, lines)),
        reference=reference,
        recorded_at=now,
    )
    ReceiptLine.objects.bulk_create([ReceiptLine(receipt=receipt, line=line) for line in lines])
    _record("funding.receipt_recorded", receipt, by=by, now=now)
    return receipt


@transaction.atomic
def cancel_receipt(receipt: Receipt, reason: str, *, by: Actor, now: datetime) -> Receipt:
    """Take a receipt back with a second one of the opposite amount, and return that one.

    Its lines may then be received again. Cancelled twice, the first cancellation is returned. Raises
    ReceiptError without a reason, RefusedError for who is not treasurer.
    """
    locked = _locked(receipt.contract, by)
    if receipt.cancels_id is not None:
        raise ReceiptError(reason="Une annulation ne s’annule pas\u00a0: enregistrez un versement.")
    if existing := Receipt.objects.filter(cancels=receipt).first():
        return existing
    errors = _text_errors(reason=(reason, LONGEST_REASON))
    if not reason.strip():
        errors["reason"] = "Dites pourquoi ce versement est annulé."
    if errors:
        raise ReceiptError(**errors)
    cancellation = Receipt.objects.create(
        contract=locked,
        received_on=receipt.received_on,
        amount=-receipt.amount,
        reference=receipt.reference,
        cancels=receipt,
        reason=reason,
        recorded_at=now,
    )
    _record("funding.receipt_cancelled", cancellation, by=by, now=now)
    return cancellation


def received_lines(contract: Contract) -> tuple[ScheduleLine, ...]:
    """Return every line that was received, of whatever statement, as it was written there."""
    return tuple(line_of_row(row) for row in _received_rows(contract))


def received_keys(contract: Contract) -> frozenset[LineKey]:
    """Return what was received, under the keys that lines keep from a statement to the next."""
    return frozenset(line.key for line in received_lines(contract))


def _received_rows(contract: Contract) -> Iterable[StatementLine]:
    standing = Receipt.objects.filter(contract=contract.pk, cancels=None, cancelled_by=None)
    return StatementLine.objects.filter(receipt_lines__receipt__in=standing).order_by("statement", "position")


def _locked(contract: Contract, by: Actor) -> Contract:
    """Receipts and statements of a contract are written one at a time.

    The CPTS first, as everywhere: rates hold it, then the journal, when they come to the contract.
    """
    lock_contracts(contract.cpts_id)
    locked = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    can_record_receipt(by, locked.cpts).require()
    return locked


def _lines_in_force(contract: Contract, line_ids: set[int]) -> Iterable[StatementLine]:
    rows = StatementLine.objects.filter(pk__in=line_ids, statement__contract=contract.pk)
    found = list(rows.order_by("position"))
    if len(found) < len(line_ids):
        raise ReceiptError(lines="Une de ces échéances n’est pas dans l’échéancier de ce contrat.")
    latest = Statement.objects.latest_of(contract.pk)
    if any(row.statement_id != latest.pk for row in found if latest):
        raise StaleError(f"{contract} has a newer statement than the lines received")
    return found


def _text_errors(**texts: tuple[str, int]) -> dict[str, str]:
    errors = {}
    for field, (text, longest) in texts.items():
        if not text.translate(_NO_BREAK_SPACES).isprintable():
            errors[field] = UNREADABLE
        elif len(text) > longest:
            errors[field] = f"Ce texte tient en {longest}\u00a0caractères."
    return errors


def _date_errors(contract: Contract, received_on: date, now: datetime) -> dict[str, str]:
    if received_on > timezone.localdate(now):
        return {"received_on": "Un versement s’enregistre une fois reçu\u00a0: cette date est à venir."}
    if received_on < contract.signed_on:
        signed = long_date(contract.signed_on)
        return {"received_on": f"Le contrat a été signé le {signed}\u00a0: rien n’a pu être reçu avant."}
    return {}


def _standing_receipts_of(contract: Contract, lines: Iterable[StatementLine]) -> dict[LineKey, Receipt]:
    """The receipts that already pay some of these lines, in this statement or an older one."""
    received = standing_receipts(contract.pk)
    keys = [line_of_row(line).key for line in lines]
    return {key: received[key] for key in keys if key in received}


def _the_very_same(
    already: dict[LineKey, Receipt], lines: Sequence[StatementLine], received_on: date, reference: str
) -> Receipt:
    """A double click sends the same receipt twice; any other second receipt of a line is refused."""
    first, *others = set(already.values())
    whole = not others and len(already) == len(lines) == first.lines.count()
    if whole and (first.received_on, first.reference) == (received_on, reference):
        return first
    labels = {quoted(line.mission_label) for line in lines if line_of_row(line).key in already}
    raise ReceiptError(lines=f"Déjà reçu\u00a0: {listed(sorted(labels))}. Rechargez l’échéancier.")


def _record(action: str, receipt: Receipt, *, by: Actor, now: datetime) -> None:
    changes = created(snapshot(receipt, _TOLD))
    cpts_id = receipt.contract.cpts_id
    record(action, receipt, by=by, now=now, cpts_id=cpts_id, changes=changes, note=receipt.reason)
