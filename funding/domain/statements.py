"""Establishing a statement: the schedule of a day, settled with what came in, frozen with all it rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Max

from aci.models import Contract
from core.access.actors import Actor
from core.audit.domain.fingerprints import fingerprint_of
from core.audit.domain.journal import created, record, snapshot
from core.organisations.models import Cpts
from funding.domain.baremes import published_baremes, published_texts
from funding.domain.contract_terms import terms_of, terms_payload
from funding.domain.followed_lines import line_of_row
from funding.domain.receipts import received_lines
from funding.engine import (
    CONTRACT_YEARS,
    ENGINE_VERSION,
    ContractYear,
    LineDifference,
    LineKey,
    PaymentSchedule,
    ScheduleLine,
    compute_schedule,
    differences,
    settle,
    total_amount,
)
from funding.enums import Occasion
from funding.models import Statement, StatementLine

_TOLD = ("version", "occasion", "contract_year", "as_of", "reason", "total", "fingerprint")


@dataclass(frozen=True)
class LockedContract:
    """A contract that nobody else writes before the transaction ends: what follows from it is read once.

    Receipts are part of it: they wait for the same lock. Made by `lock_contract`.
    """

    contract: Contract

    @cached_property
    def schedule(self) -> PaymentSchedule:
        """What the terms give. Raises EngineError, which says every fault of theirs."""
        return compute_schedule(terms_of(self.contract), published_baremes())

    @cached_property
    def received(self) -> tuple[ScheduleLine, ...]:
        """Every line that was received, as `received_lines` gives them."""
        return received_lines(self.contract)


def establish_statement(
    locked: LockedContract, occasion: Occasion, *, as_of: date, by: Actor, now: datetime, reason: str = ""
) -> Statement:
    """Compute the schedule of a contract as it now is, store it as the next version, and return it.

    In: why, the day the statement is drawn up for, and for a change what changed, in French. A change that
    changes nothing returns the statement in force, and writes nothing. Received lines come back untouched;
    what they no longer are worth is adjusted at the next anniversary (`funding.engine.settle`). In the
    transaction that locked the contract. Raises EngineError, which says every fault of the terms;
    IntegrityError for a second signature or anniversary.
    """
    contract, schedule, received = locked.contract, locked.schedule, locked.received
    latest = Statement.objects.latest_of(contract.pk)
    previous = stored_lines(latest) if latest else ()
    lines = settle(schedule, received, previous=previous, as_of=_settled_on(contract, as_of))
    statement = Statement(
        contract=contract,
        version=latest.version + 1 if latest else 1,
        occasion=occasion,
        contract_year=year_on(as_of, schedule.years),
        as_of=as_of,
        reason=reason,
        inputs=terms_payload(contract),
        parties=_parties(contract),
        texts=_texts(schedule),
        engine_version=ENGINE_VERSION,
        total=total_amount(lines),
        established_at=now,
    )
    if latest and occasion is Occasion.CHANGE and _is_the_same(statement, lines, latest, previous):
        return latest
    return _stored(statement, lines, {line.key for line in received}, by=by, now=now)


def lock_contract(contract: Contract) -> LockedContract:
    """Return the contract with its terms, locked until the end of the caller's transaction.

    Its CPTS is locked first, as by whoever writes a contract or a sheet: taken the other way round, these
    locks and that of the journal could wait for each other. Not their keys: others may still refer to them.
    """
    Cpts.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(contracts=contract.pk)
    # Read as it is locked: nobody writes the terms who does not hold the CPTS.
    held = Contract.objects.with_terms().select_for_update(no_key=True, of=("self",))
    return LockedContract(held.get(pk=contract.pk))


def stored_lines(statement: Statement) -> tuple[ScheduleLine, ...]:
    """Return the lines of a statement in order, as they were established."""
    return tuple(map(line_of_row, StatementLine.objects.filter(statement=statement).order_by("position")))


def previous_of(statement: Statement) -> Statement | None:
    """Return the version before, None for the first."""
    return Statement.objects.filter(contract=statement.contract_id, version=statement.version - 1).first()


def differences_with_previous(statement: Statement) -> tuple[LineDifference, ...]:
    """Return what a statement changed: lines added, removed or moved; nothing for the first."""
    previous = previous_of(statement)
    return differences(stored_lines(previous), stored_lines(statement)) if previous else ()


def year_on(day: date, years: Sequence[ContractYear]) -> int:
    """Return the number of the contract year that holds a day, 6 once the contract is over."""
    return next((year.number for year in years if day < year.next_anniversary), CONTRACT_YEARS + 1)


def _settled_on(contract: Contract, as_of: date) -> date:
    """The latest day looked at: an anniversary caught up late sends no adjustment back to a past date."""
    looked_at = Statement.objects.filter(contract=contract).aggregate(latest=Max("as_of"))["latest"]
    return max(as_of, looked_at or as_of)


def _texts(schedule: PaymentSchedule) -> dict[str, str]:
    used = {year.bareme.code for year in schedule.years}
    return {text.bareme.code: text.sha256 for text in published_texts() if text.bareme.code in used}


def _parties(contract: Contract) -> dict[str, Any]:
    """Who signed, for whom and for how many: printed with the lines, frozen with them."""
    cpts, territory = contract.cpts, contract.territory
    return {
        "cpts": {name: getattr(cpts, name) for name in ("name", "rna", "siret", "finess")}
        | {"address": " ".join(filter(None, (cpts.address, cpts.postal_code, cpts.city)))},
        "contract": {
            name: getattr(contract, name)
            for name in (
                "reference",
                "ars_party",
                "cpam_party",
                "msa_party",
                "representative_name",
                "representative_capacity",
                "population",
                "population_source",
                "computed_size",
                "size",
                "size_reason",
            )
        }
        | {"ends_on": contract.ends_on.isoformat()},
        "territory": {
            "starts_on": territory.starts_on.isoformat(),
            "commune_count": territory.commune_count,
        }
        if territory
        else None,
    }


def _is_the_same(
    statement: Statement, lines: Sequence[ScheduleLine], latest: Statement, previous: Sequence[ScheduleLine]
) -> bool:
    frozen = ("inputs", "parties", "texts", "engine_version")
    unchanged = all(getattr(statement, name) == getattr(latest, name) for name in frozen)
    return unchanged and tuple(lines) == tuple(previous)


def _stored(
    statement: Statement, lines: Iterable[ScheduleLine], received: set[LineKey], *, by: Actor, now: datetime
) -> Statement:
    rows = [_row(position, line, line.key in received) for position, line in enumerate(lines, start=1)]
    statement.fingerprint = fingerprint_of(content_of(statement, rows))
    statement.save(force_insert=True)
    for row in rows:
        row.statement = statement
    StatementLine.objects.bulk_create(rows)
    record(
        "funding.statement_established",
        statement,
        by=by,
        now=now,
        cpts_id=statement.contract.cpts_id,
        changes=created(snapshot(statement, _TOLD)),
        note=statement.reason,
    )
    return statement


def _row(position: int, line: ScheduleLine, received: bool) -> StatementLine:
    return StatementLine(
        position=position,
        due_on=line.due_on,
        payable_by=line.payable_by,
        contract_year=line.contract_year,
        mission=line.mission,
        mission_label=line.mission_label,
        share=line.share.value,
        kind=line.kind.value,
        settles=line.key.kind.value if line.settles else "",
        rank=line.key.rank,
        amount=line.amount,
        received=received,
        explanation=line.explanation,
    )


def content_of(statement: Statement, rows: Iterable[StatementLine]) -> dict[str, Any]:
    """Return all that a statement asserts, as its fingerprint takes it: anybody may compute it again."""
    names = ("version", "occasion", "contract_year", "reason", "inputs", "parties", "texts", "engine_version")
    return {name: getattr(statement, name) for name in names} | {
        "contract": statement.contract_id,
        "as_of": statement.as_of.isoformat(),
        "established_at": statement.established_at.astimezone(UTC).isoformat(),
        "total": _cents(statement.total),
        "lines": [_line_content(row) for row in rows],
    }


def _line_content(row: StatementLine) -> dict[str, Any]:
    texts = ("contract_year", "mission", "mission_label", "share", "kind", "settles", "rank", "received")
    return {name: getattr(row, name) for name in texts} | {
        "due_on": row.due_on.isoformat(),
        "payable_by": row.payable_by.isoformat(),
        "amount": _cents(row.amount),
        "explanation": row.explanation,
    }


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"
