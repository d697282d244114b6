"""Recording what was signed, and what changes in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from aci.domain.anniversaries import anniversary, begun_years
from aci.domain.texts import UNREADABLE, is_unreadable
from aci.enums import ProrationBasis
from aci.errors import ContractError
from aci.models import Contract, ContractMission
from aci.models.contract import CONTRACT_YEARS
from aci.signals import contract_changed
from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import Snapshot, changed, created, record, snapshot
from core.organisations.domain.lifecycle import establish_stage
from core.organisations.enums import Stage
from core.organisations.models import Cpts, TerritoryVersion
from core.ui.formatting import number

LONGEST_REASON = 300
LARGEST_POPULATION = 100_000_000


@dataclass(frozen=True, kw_only=True)
class ContractValues:
    """What a contract says, under the names of the fields of `Contract`; `missions` maps codes to starts.

    Rates go from 0 to 1, with four decimals at most. Whoever knows the conventional texts checks that a
    schedule follows from them, and gives `computed_size` (`funding.domain.contract_terms`).
    """

    signed_on: date
    ars_party: str
    cpam_party: str
    representative_name: str
    representative_capacity: str
    population: int
    population_source: str
    computed_size: int
    size: int
    missions: Mapping[str, date]
    territory: TerritoryVersion | None = None
    reference: str = ""
    msa_party: str = ""
    size_reason: str = ""
    bareme: str = ""
    proration: ProrationBasis = ProrationBasis.DAYS
    prorate_first_variable: bool = True
    supplements: tuple[str, ...] = ()
    expected_attainment: Decimal = Decimal(1)
    crisis_plan_year: int | None = None
    crisis_years: tuple[int, ...] = ()


_FIELDS = tuple(field.name for field in fields(ContractValues) if field.name != "missions")
_LISTS = ("supplements", "crisis_years")


def values_of(contract: Contract) -> ContractValues:
    """Return what a contract says now, its withdrawn missions left out; no query after `with_terms()`."""
    values = {name: getattr(contract, name) for name in _FIELDS}
    values |= {name: tuple(values[name]) for name in _LISTS}
    return ContractValues(**values, missions=_missions_of(contract))


def _missions_of(contract: Contract) -> dict[str, date]:
    return {m.code: m.starts_on for m in contract.missions.all() if m.withdrawn_at is None}


@transaction.atomic
def record_contract(cpts: Cpts, values: ContractValues, *, by: Actor, now: datetime) -> Contract:
    """Record a contract that was signed, and return it with its terms; while it runs, the CPTS is under ACI.

    The very same contract sent twice is recorded once. Raises ContractError, which says every fault.
    """
    lock_contracts(cpts.pk)
    for existing in Contract.objects.with_terms().filter(cpts=cpts):
        if values_of(existing) == values:
            return existing
    contract = Contract(cpts=cpts, recorded_at=now)
    _assign(contract, values)
    _check(contract, values, now=now)
    contract.save(force_insert=True)
    for code, starts_on in values.missions.items():
        ContractMission.objects.create(contract=contract, code=code, starts_on=starts_on)
    recorded = _read_again(contract)
    changes = created(_snapshot(recorded))
    record("aci.contract_recorded", recorded, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    _establish_stage(recorded, by=by, now=now)
    contract_changed.send(sender=Contract, contract=recorded, by=by, now=now, reason="")
    return recorded


@transaction.atomic
def revise_contract(
    contract: Contract, values: ContractValues, *, revision: int, reason: str, by: Actor, now: datetime
) -> Contract:
    """Correct a contract or record an agreed change, and return it with its terms.

    In: all that it now says, the revision that was shown, why in French. A mission left out is withdrawn, its
    row stays. Values that are already those of the contract change nothing. Raises StaleError when somebody
    changed it since, ContractError, which says every fault.
    """
    lock_contracts(contract.cpts_id)
    current = Contract.objects.with_terms().get(pk=contract.pk)
    if values_of(current) == values:
        return current
    if current.revision != revision:
        raise StaleError(f"{current} is at revision {current.revision}, not {revision}")
    before = _snapshot(current)
    _assign(current, values)
    _check(current, values, now=now, reason=reason)
    current.revision += 1
    current.save()
    _set_missions(current, values.missions, now=now)
    revised = _read_again(current)
    changes = changed(before, _snapshot(revised))
    record(
        "aci.contract_revised", revised, by=by, now=now, cpts_id=revised.cpts_id, changes=changes, note=reason
    )
    _establish_stage(revised, by=by, now=now)
    contract_changed.send(sender=Contract, contract=revised, by=by, now=now, reason=reason)
    return revised


def _establish_stage(contract: Contract, *, by: Actor, now: datetime) -> None:
    """A contract that runs proves the stage of the CPTS; an old one, recorded for the memory, does not."""
    if contract.signed_on <= timezone.localdate(now) < contract.ends_on:
        establish_stage(contract.cpts, Stage.UNDER_ACI, since=contract.signed_on, by=by, now=now)


def lock_contracts(cpts_id: int) -> None:
    """Wait for one's turn: what a CPTS signed is written by one person at a time, whichever the contract."""
    # Rows that only name the CPTS, a document or a notice, need not wait.
    Cpts.objects.select_for_update(no_key=True).get(pk=cpts_id)


def _read_again(contract: Contract) -> Contract:
    """The contract as it is now stored, its terms included."""
    contract.refresh_from_db()
    prefetch_related_objects([contract], "missions", "attainments")
    return contract


def _assign(contract: Contract, values: ContractValues) -> None:
    for name in _FIELDS:
        value = getattr(values, name)
        setattr(contract, name, list(value) if name in _LISTS else value)
    contract.ends_on = anniversary(values.signed_on, CONTRACT_YEARS)


def _set_missions(contract: Contract, missions: Mapping[str, date], *, now: datetime) -> None:
    rows = {row.code: row for row in contract.missions.all()}
    for code, starts_on in missions.items():
        row = rows.pop(code, None) or ContractMission(contract=contract, code=code)
        row.starts_on, row.withdrawn_at = starts_on, None
        row.save()
    for row in rows.values():
        row.withdrawn_at = row.withdrawn_at or now
        row.save()


def _snapshot(contract: Contract) -> Snapshot:
    """The contract as its journal tells it, one line per mission."""
    missions = {f"missions.{code}": start.isoformat() for code, start in _missions_of(contract).items()}
    return snapshot(contract, (*_FIELDS, "ends_on")) | missions


def _check(contract: Contract, values: ContractValues, *, now: datetime, reason: str | None = None) -> None:
    """Raise the ContractError of the first fault of each field; of the whole when each field is right."""
    errors: dict[str, str] = {}
    faults = _faults(contract, values, today=timezone.localdate(now), reason=reason)
    for field, sentence in (*faults, *_model_faults(contract.clean_fields)):
        errors.setdefault(field, sentence)
    if errors or (errors := dict(_model_faults(contract.validate_constraints))):
        raise ContractError(errors)


def _model_faults(check: Callable[[], None]) -> Iterator[tuple[str, str]]:
    try:
        check()
    except ValidationError as error:
        yield from ((field, str(sentences[0])) for field, sentences in error.message_dict.items())


def _faults(
    contract: Contract, values: ContractValues, *, today: date, reason: str | None
) -> Iterator[tuple[str, str]]:
    yield from _text_faults(values, reason)
    yield from _date_faults(contract, today)
    territory = values.territory
    if territory is not None and territory.cpts_id != contract.cpts_id:
        yield "territory", "Ce territoire n’est pas celui de la CPTS."
    if not 1 <= values.population <= LARGEST_POPULATION:
        most = number(LARGEST_POPULATION)
        yield "population", f"La population est comprise entre 1 et {most}\u00a0habitants."
    if not values.missions:
        yield "missions", "Un contrat porte au moins une mission."
    if values.size != values.computed_size and not values.size_reason.strip():
        yield "size_reason", "Cette taille n’est pas celle de la population : dites pourquoi."


def _text_faults(values: ContractValues, reason: str | None) -> Iterator[tuple[str, str]]:
    """Reasons that are missing, and what no database takes: control characters, halves of characters."""
    texts = {name: text for name in _FIELDS if isinstance(text := getattr(values, name), str)}
    for name, text in (texts | {"reason": reason or ""}).items():
        if is_unreadable(text):
            yield name, UNREADABLE
    if reason is not None and not reason.strip():
        yield "reason", "Dites ce qui change, et pourquoi."
    elif reason is not None and len(reason) > LONGEST_REASON:
        yield "reason", f"La raison tient en {LONGEST_REASON}\u00a0caractères."


def _date_faults(contract: Contract, today: date) -> Iterator[tuple[str, str]]:
    if contract.signed_on > today:
        yield "signed_on", "Un contrat s’enregistre une fois signé\u00a0: cette date est à venir."
    others = Contract.objects.filter(cpts=contract.cpts_id).exclude(pk=contract.pk)
    other = others.filter(signed_on__lt=contract.ends_on, ends_on__gt=contract.signed_on).first()
    if other is not None:
        dates = f"du {other.signed_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y}"
        yield "signed_on", f"La CPTS a déjà un contrat {dates}\u00a0: deux contrats ne se chevauchent pas."
    begun = begun_years(contract.signed_on, today)
    if contract.pk and any(rate.contract_year not in begun for rate in contract.attainments.all()):
        yield (
            "signed_on",
            "Un taux d’atteinte est enregistré pour une année qui n’aurait pas commencé à cette date.",
        )
