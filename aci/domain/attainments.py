"""Recording the part of its objectives that a mission reached."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from aci.domain.anniversaries import anniversary, begun_years
from aci.domain.contracts import lock_contracts
from aci.domain.texts import UNREADABLE, is_unreadable
from aci.errors import ContractError
from aci.models import Attainment, Contract
from aci.models.contract import CONTRACT_YEARS
from aci.signals import contract_changed
from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, record, snapshot

LONGEST_REASON = 500
MOST_DECIMALS = 4
_FIELDS = ("mission", "contract_year", "rate", "reason")


@transaction.atomic
def record_attainment(
    contract: Contract,
    mission: str,
    contract_year: int,
    rate: Decimal,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    replacing: Decimal | None = None,
) -> Attainment:
    """Record the rate of a mission for a contract year that has begun, and return it.

    In: the code of a mission of the contract, the year from 1 to 5, the rate from 0 to 1, where it comes from
    in French, and the rate that was recorded when this one was decided, None for none. The same rate for the
    same reason changes nothing. Raises StaleError when another rate was recorded meanwhile, ContractError,
    which says every fault.
    """
    lock_contracts(contract.cpts_id)
    current = Contract.objects.get(pk=contract.pk)
    _check(current, mission, contract_year, rate, reason, today=timezone.localdate(now))
    existing = current.attainments.filter(mission=mission, contract_year=contract_year).first()
    if existing is not None and (existing.rate, existing.reason) == (rate, reason):
        return existing
    if (existing.rate if existing else None) != replacing:
        raise StaleError(f"{existing} is no longer {replacing}")
    before = snapshot(existing, _FIELDS) if existing else {}
    row = existing or Attainment(contract=current, mission=mission, contract_year=contract_year)
    row.rate, row.reason, row.recorded_at = rate.quantize(Decimal(1).scaleb(-MOST_DECIMALS)), reason, now
    row.save()
    after = snapshot(row, _FIELDS)
    changes = changed(before, after) if existing else created(after)
    record("aci.attainment_recorded", row, by=by, now=now, cpts_id=current.cpts_id, changes=changes)
    fresh = Contract.objects.with_terms().get(pk=current.pk)
    contract_changed.send(sender=Contract, contract=fresh, by=by, now=now, reason=_in_words(row))
    return row


def _in_words(row: Attainment) -> str:
    return f"Taux d’atteinte enregistré pour l’année {row.contract_year}"


def _check(
    contract: Contract, mission: str, contract_year: int, rate: Decimal, reason: str, *, today: date
) -> None:
    errors: dict[str, str] = {}
    faults = (
        *_year_faults(contract, mission, contract_year, today),
        *_rate_faults(rate),
        *_reason_faults(reason),
    )
    for field, sentence in faults:
        errors.setdefault(field, sentence)
    if errors:
        raise ContractError(errors)


def _year_faults(
    contract: Contract, mission: str, contract_year: int, today: date
) -> Iterator[tuple[str, str]]:
    kept = contract.missions.filter(withdrawn_at=None)
    row = next((row for row in kept if row.code == mission), None)
    if row is None:
        yield "mission", "Cette mission n’est pas dans le contrat."
    if not 1 <= contract_year <= CONTRACT_YEARS:
        yield "contract_year", f"Les années du contrat vont de 1 à {CONTRACT_YEARS}."
    elif contract_year not in begun_years(contract.signed_on, today):
        yield "contract_year", f"L’année {contract_year} du contrat n’a pas commencé."
    elif row is not None and row.starts_on >= anniversary(contract.signed_on, contract_year):
        yield "contract_year", f"Cette mission démarre après l’année {contract_year} du contrat."


def _rate_faults(rate: Decimal) -> Iterator[tuple[str, str]]:
    if not (rate.is_finite() and 0 <= rate <= 1):
        yield "rate", "Un taux d’atteinte est compris entre 0 et 1."
    elif int(rate.as_tuple().exponent) < -MOST_DECIMALS and rate != round(rate, MOST_DECIMALS):
        yield "rate", f"Un taux d’atteinte compte au plus {MOST_DECIMALS}\u00a0décimales."


def _reason_faults(reason: str) -> Iterator[tuple[str, str]]:
    if not reason.strip():
        yield "reason", "Dites d’où vient ce taux."
    elif len(reason) > LONGEST_REASON:
        yield "reason", f"La raison tient en {LONGEST_REASON}\u00a0caractères."
    elif is_unreadable(reason):
        yield "reason", UNREADABLE
