"""Money that came in for a call, and money that went back: rows added one after another, never rewritten."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.access.actors import Actor
from core.audit.domain.journal import created, snapshot
from core.ui.formatting import euros
from members.domain.fee_calls import received
from members.domain.members import hold_registry, one_line
from members.domain.recording import record_member
from members.enums import PaymentSource
from members.models import FeeBalance, FeeCall, FeePayment
from members.models.fee import LARGEST_FEE
from members.rules import can_keep_fees

_TOLD = ("amount", "paid_on", "means", "reference", "source", "reason")
_CANCELLED = "Cet appel est annulé\u00a0: rappelez la cotisation, puis notez le règlement."


@transaction.atomic
def record_payment(
    call: FeeCall,
    amount: Decimal,
    paid_on: date,
    means: str,
    *,
    reference: str = "",
    source: str = PaymentSource.HAND,
    once: UUID | None = None,
    by: Actor,
    now: datetime,
) -> FeePayment:
    """Record that money came in for a call, part of it, all of it or more, and return the payment.

    In: euros, more than 0; the day of the bank; `once` names the form: sent twice, the first payment is
    returned. Raises ValidationError by field, RefusedError.
    """
    locked = _locked(call, by)
    if existing := _sent_before(once, locked):
        return existing
    errors = _date_errors(locked, paid_on, now)
    if amount > LARGEST_FEE:
        errors["amount"] = f"Un règlement est de {euros(LARGEST_FEE)} au plus."
    if amount <= 0:
        errors["amount"] = "Un règlement est de plus de 0\u00a0€\u00a0: un remboursement se note à part."
    if _is_cancelled(locked):
        errors["amount"] = _CANCELLED
    if errors:
        raise ValidationError(errors)
    payment = FeePayment(
        call=locked, amount=amount, paid_on=paid_on, means=means, reference=reference, source=source
    )
    return _written("fee_paid", payment, once, by=by, now=now)


@transaction.atomic
def refund_payment(
    call: FeeCall,
    amount: Decimal,
    paid_on: date,
    means: str,
    reason: str,
    *,
    reference: str = "",
    once: UUID | None = None,
    by: Actor,
    now: datetime,
) -> FeePayment:
    """Record that part of what was received for a call went back to the member, as a negative row.

    In: euros, more than 0, no more than what was received. Raises ValidationError by field, RefusedError.
    """
    locked = _locked(call, by)
    if existing := _sent_before(once, locked):
        return existing
    there = received(locked)
    errors = _date_errors(locked, paid_on, now)
    if amount <= 0:
        errors["amount"] = "Un remboursement est de plus de 0\u00a0€."
    if amount > there:
        errors["amount"] = f"Il n’a été reçu que {euros(there)} pour cet appel."
    reason = one_line(reason)
    if not reason:
        errors["reason"] = "Dites pourquoi cet argent est rendu."
    if errors:
        raise ValidationError(errors)
    payment = FeePayment(
        call=locked, amount=-amount, paid_on=paid_on, means=means, reference=reference, reason=reason
    )
    return _written("fee_refunded", payment, once, by=by, now=now)


@transaction.atomic
def cancel_payment(payment: FeePayment, reason: str, *, by: Actor, now: datetime) -> FeePayment:
    """Take back a payment or a refund written by mistake, by a row of the opposite amount; return that row.

    Cancelled twice, the first row is returned. Raises ValidationError by field: without a reason, or when
    more was refunded than would be left; RefusedError.
    """
    locked = _locked(payment.call, by)
    if payment.cancels_id is not None:
        raise ValidationError({"reason": "Une annulation ne s’annule pas\u00a0: notez un règlement."})
    if existing := FeePayment.objects.filter(cancels=payment).first():
        return existing
    reason = one_line(reason)
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi cette ligne est annulée."})
    if received(locked) - payment.amount < 0:
        raise ValidationError(
            {"reason": "Une partie a été remboursée\u00a0: annulez d’abord le remboursement."}
        )
    if payment.amount < 0 and _is_cancelled(locked):
        raise ValidationError({"reason": _CANCELLED})
    row = FeePayment(
        call=locked,
        amount=-payment.amount,
        paid_on=payment.paid_on,
        means=payment.means,
        reference=payment.reference,
        source=payment.source,
        cancels=payment,
        reason=reason,
    )
    return _written("fee_payment_cancelled", row, None, by=by, now=now)


def _locked(call: FeeCall, by: Actor) -> FeeCall:
    """Calls and payments of a CPTS are written one at a time."""
    can_keep_fees(by, call.cpts).require()
    hold_registry(call.cpts)
    return call


def _sent_before(once: UUID | None, call: FeeCall) -> FeePayment | None:
    """The row of a form sent twice; its number names no row of another call."""
    return FeePayment.objects.filter(once=once, call=call).first() if once else None


def _is_cancelled(call: FeeCall) -> bool:
    return FeeCall.objects.filter(cancels=call).exists()


def _date_errors(call: FeeCall, paid_on: date, now: datetime) -> dict[str, str]:
    if paid_on > timezone.localdate(now):
        return {"paid_on": "Cette date est à venir\u00a0: un règlement se note une fois reçu."}
    if paid_on < date(call.year - 1, 1, 1):
        return {"paid_on": f"Une cotisation de {call.year} n’a pas été payée si tôt."}
    return {}


def _written(verb: str, payment: FeePayment, once: UUID | None, *, by: Actor, now: datetime) -> FeePayment:
    payment.once, payment.recorded_at = once or uuid4(), now
    payment.full_clean(exclude=["call", "cancels"])
    payment.save(force_insert=True)
    FeeBalance.objects.update_or_create(call=payment.call, defaults={"paid": received(payment.call)})
    changes: dict[str, Any] = created(snapshot(payment, _TOLD))
    member = payment.call.member
    record_member(verb, member, target=payment, by=by, now=now, changes=changes, note=payment.reason)
    return payment
