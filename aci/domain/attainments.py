"""Recording the part of its objectives that each mission reached in a contract year."""

from collections.abc import Iterable, Iterator, Mapping
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
def record_attainments(
    contract: Contract,
    contract_year: int,
    rates: Mapping[str, Decimal],
    reason: str,
    *,
    by: Actor,
    now: datetime,
    replacing: Mapping[str, Decimal],
) -> list[Attainment]:
    """Record the rates of a contract year that has begun, all or none, and return those that were written.

    In: the year from 1 to 5, the rate from 0 to 1 of each mission by its code, where they come from in
    French, and the rates that were recorded when these were decided. A rate equal to the one it replaces
    keeps its reason; when all are, it is their reason that is corrected. What is already recorded is not
    written again; when nothing is written, nobody is told. Raises StaleError when another rate was recorded
    meanwhile, ContractError, which says every fault: of `rates.<mission>`, `contract_year` or `reason`.
    """
    lock_contracts(contract.cpts_id)
    current = Contract.objects.with_terms().get(pk=contract.pk)
    _check(current, contract_year, rates, reason, today=timezone.localdate(now))
    rows = {row.mission: row for row in current.attainments.all() if row.contract_year == contract_year}
    written = []
    for mission in _to_write(rates, reason, replacing, rows):
        row = rows.get(mission) or Attainment(contract=current, mission=mission, contract_year=contract_year)
        written.append(_written(row, rates[mission], reason, by=by, now=now))
    if written:
        fresh = Contract.objects.with_terms().get(pk=current.pk)
        told = f"Taux d’atteinte de l’année {contract_year} enregistrés"
        contract_changed.send(sender=Contract, contract=fresh, by=by, now=now, reason=told)
    return written


def rated_missions(contract: Contract, contract_year: int) -> list[str]:
    """Return the codes of the missions of a contract that ran in a year; no query after `with_terms()`."""
    end = anniversary(contract.signed_on, contract_year)
    return [row.code for row in contract.missions.all() if row.withdrawn_at is None and row.starts_on < end]


def _to_write(
    rates: Mapping[str, Decimal],
    reason: str,
    replacing: Mapping[str, Decimal],
    rows: Mapping[str, Attainment],
) -> list[str]:
    """The missions whose rate or reason changes; StaleError when what they replace is not there any more."""
    decided = {mission for mission, rate in rates.items() if rate != replacing.get(mission)} or set(rates)
    missions = []
    for mission, rate in rates.items():
        row = rows.get(mission)
        if row is not None and (row.rate, row.reason) == (rate, reason):
            continue
        if (row.rate if row else None) != replacing.get(mission):
            raise StaleError(f"{row or mission} is no longer {replacing.get(mission)}")
        if mission in decided:
            missions.append(mission)
    return missions


def _written(row: Attainment, rate: Decimal, reason: str, *, by: Actor, now: datetime) -> Attainment:
    before = snapshot(row, _FIELDS) if row.pk else None
    row.rate, row.reason, row.recorded_at = rate.quantize(Decimal(1).scaleb(-MOST_DECIMALS)), reason, now
    row.save()
    after = snapshot(row, _FIELDS)
    changes = created(after) if before is None else changed(before, after)
    cpts_id = row.contract.cpts_id
    record("aci.attainment_recorded", row, by=by, now=now, cpts_id=cpts_id, changes=changes)
    return row


def _check(
    contract: Contract, contract_year: int, rates: Mapping[str, Decimal], reason: str, *, today: date
) -> None:
    errors: dict[str, str] = {}
    faults = (
        *_year_faults(contract, contract_year, today),
        *_mission_faults(contract, contract_year, rates),
        *(fault for mission, rate in rates.items() for fault in _rate_faults(f"rates.{mission}", rate)),
        *_reason_faults(reason),
    )
    for field, sentence in faults:
        errors.setdefault(field, sentence)
    if errors:
        raise ContractError(errors)


def _year_faults(contract: Contract, contract_year: int, today: date) -> Iterator[tuple[str, str]]:
    if not 1 <= contract_year <= CONTRACT_YEARS:
        yield "contract_year", f"Les années du contrat vont de 1 à {CONTRACT_YEARS}."
    elif contract_year not in begun_years(contract.signed_on, today):
        yield "contract_year", f"L’année {contract_year} du contrat n’a pas commencé."


def _mission_faults(
    contract: Contract, contract_year: int, missions: Iterable[str]
) -> Iterator[tuple[str, str]]:
    kept = [row.code for row in contract.missions.all() if row.withdrawn_at is None]
    ran = rated_missions(contract, contract_year) if 1 <= contract_year <= CONTRACT_YEARS else kept
    for mission in missions:
        if mission not in kept:
            yield f"rates.{mission}", "Cette mission n’est pas dans le contrat."
        elif mission not in ran:
            yield f"rates.{mission}", f"Cette mission démarre après l’année {contract_year} du contrat."


def _rate_faults(field: str, rate: Decimal) -> Iterator[tuple[str, str]]:
    if not (rate.is_finite() and 0 <= rate <= 1):
        yield field, "Un taux d’atteinte est compris entre 0 et 1."
    elif int(rate.as_tuple().exponent) < -MOST_DECIMALS and rate != round(rate, MOST_DECIMALS):
        yield field, f"Un taux d’atteinte compte au plus {MOST_DECIMALS}\u00a0décimales."


def _reason_faults(reason: str) -> Iterator[tuple[str, str]]:
    if not reason.strip():
        yield "reason", "Dites d’où viennent ces taux."
    elif len(reason) > LONGEST_REASON:
        yield "reason", f"La raison tient en {LONGEST_REASON}\u00a0caractères."
    elif is_unreadable(reason):
        yield "reason", UNREADABLE
