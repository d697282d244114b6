"""What calls and receipts of fees print."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from members.models import FeeCall, FeePayment


def call_context(call: FeeCall, *, message: str, fingerprint: str, verification_url: str) -> dict[str, Any]:
    """Return what `members/fees/pdf/_call.html` prints: who is asked what, by when, and who decided so."""
    return {
        "call": call,
        "cpts": call.cpts,
        "member": call.member,
        "scale": call.scale,
        "fee": call.amount - call.entry_fee,
        "message": message,
        "fingerprint": fingerprint,
        "verification_url": verification_url,
    }


def receipt_context(
    call: FeeCall,
    payments: Sequence[FeePayment],
    received: Decimal,
    *,
    day: date,
    fingerprint: str,
    verification_url: str,
) -> dict[str, Any]:
    """Return what `members/fees/pdf/receipt.html` prints: what was received for a call, row by row."""
    return {
        "call": call,
        "cpts": call.cpts,
        "member": call.member,
        "payments": payments,
        "received": received,
        "is_whole": received >= call.amount,
        "day": day,
        "fingerprint": fingerprint,
        "verification_url": verification_url,
    }


def print_context(letters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what `members/fees/pdf/print.html` prints: one letter after another."""
    return {"letters": letters}
