"""Payments from a file: read, proposed, then confirmed line by line by a person, never counted twice."""

from datetime import datetime
from typing import BinaryIO
from uuid import NAMESPACE_OID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import Actor
from core.audit.domain.journal import created, record, snapshot
from core.organisations.models import Cpts
from members.domain.bank_matching import Matcher
from members.domain.bank_reading import BankFileError, Credit, read_bank_file
from members.domain.fee_payments import record_payment
from members.domain.members import hold_registry
from members.enums import BankLineState, PaymentMeans, PaymentSource
from members.models import BankFile, BankLine, FeeCall
from members.rules import can_keep_fees

_TOLD = ("name", "line_count", "known_count", "outgoing_count")
_TAKEN = "Cette ligne est déjà enregistrée, sur un autre appel\u00a0: annulez d’abord ce règlement."


def import_bank_file(cpts: Cpts, file: BinaryIO, *, filename: str, by: Actor, now: datetime) -> BankFile:
    """Keep the credits of a file that no file brought before, each with the call it seems to pay; return it.

    No payment is recorded. A file that brings nothing new is not kept: the one that brought its lines is
    returned. Raises BankFileError when the file cannot be read or has no credit, RefusedError.
    """
    can_keep_fees(by, cpts).require()
    read = read_bank_file(file, filename=filename)
    if not read.credits:
        raise BankFileError("Ce fichier ne contient aucun encaissement\u00a0: rien n’est à rapprocher.")
    with transaction.atomic():
        hold_registry(cpts)
        known = _known(cpts, read.credits)
        if all(credit.fingerprint in known for credit in read.credits):
            last = read.credits[-1].fingerprint
            return BankFile.objects.get(lines__fingerprint=last, cpts=cpts)
        bank_file = BankFile.objects.create(
            cpts=cpts,
            name=" ".join(filename.split())[:150],
            is_platform=read.is_platform,
            imported_by_id=by.user_id,
            imported_at=now,
            line_count=len(read.credits),
            known_count=sum(credit.fingerprint in known for credit in read.credits),
            outgoing_count=read.outgoing,
        )
        matcher = Matcher(cpts)
        lines = [
            _line(bank_file, credit, matcher) for credit in read.credits if credit.fingerprint not in known
        ]
        BankLine.objects.bulk_create(lines, batch_size=200)
        changes = created(snapshot(bank_file, _TOLD))
        record("members.bank_file_read", bank_file, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    return bank_file


def _known(cpts: Cpts, found: tuple[Credit, ...]) -> set[str]:
    known: set[str] = set()
    prints = [credit.fingerprint for credit in found]
    for start in range(0, len(prints), 500):
        batch = BankLine.objects.filter(cpts=cpts, fingerprint__in=prints[start : start + 500])
        known.update(batch.values_list("fingerprint", flat=True))
    return known


def _line(bank_file: BankFile, credit: Credit, matcher: Matcher) -> BankLine:
    match = matcher.match(credit)
    return BankLine(
        file=bank_file,
        cpts_id=bank_file.cpts_id,
        row=credit.row,
        fingerprint=credit.fingerprint,
        paid_on=credit.paid_on,
        amount=credit.amount,
        label=credit.label,
        payer=credit.payer,
        email=credit.email,
        reference=credit.reference,
        proposed=match.call,
        confidence=match.confidence,
        reason=match.reason[:200],
    )


@transaction.atomic
def confirm_line(line: BankLine, call: FeeCall, *, by: Actor, now: datetime) -> BankLine:
    """Record that a line pays a call, and return the line; confirmed twice, it is counted once.

    Raises ValidationError when it was recorded on another call, or cannot be; RefusedError.
    """
    can_keep_fees(by, line.cpts).require()
    hold_registry(line.cpts)
    locked = BankLine.objects.select_related("cpts", "file", "payment").get(pk=line.pk)
    if locked.payment:
        if locked.payment.call_id != call.pk:
            raise ValidationError({"call": _TAKEN})
        return locked
    means = PaymentMeans.PLATFORM if locked.file.is_platform else PaymentMeans.TRANSFER
    payment = record_payment(
        call,
        locked.amount,
        locked.paid_on,
        means,
        reference=(locked.reference or locked.label)[:100],
        source=PaymentSource.FILE,
        once=uuid5(NAMESPACE_OID, f"members.bank_line:{locked.pk}"),
        by=by,
        now=now,
    )
    locked.payment, locked.state = payment, BankLineState.RECORDED
    locked.save(update_fields=["payment", "state"])
    return locked


@transaction.atomic
def set_line_aside(line: BankLine, *, by: Actor, now: datetime) -> BankLine:
    """Say that a line is no fee; again, it changes nothing. A recorded one is left as it is."""
    return _moved(line, BankLineState.TO_CONFIRM, BankLineState.SET_ASIDE, "set_aside", by=by, now=now)


@transaction.atomic
def take_line_back(line: BankLine, *, by: Actor, now: datetime) -> BankLine:
    """Look again at a line that was set aside; again, it changes nothing."""
    return _moved(line, BankLineState.SET_ASIDE, BankLineState.TO_CONFIRM, "taken_back", by=by, now=now)


def _moved(
    line: BankLine, source: BankLineState, target: BankLineState, verb: str, *, by: Actor, now: datetime
) -> BankLine:
    can_keep_fees(by, line.cpts).require()
    hold_registry(line.cpts)
    locked = BankLine.objects.select_related("cpts", "file").get(pk=line.pk)
    if locked.state == source:
        locked.state = target
        locked.save(update_fields=["state"])
        # The file, not the line: who pays is not told in the journal.
        note = f"Ligne {locked.row}."
        record(f"members.bank_line_{verb}", locked.file, by=by, now=now, cpts_id=line.cpts_id, note=note)
    return locked
