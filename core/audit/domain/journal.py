"""Writing in the journal: one entry per write, in the transaction of the write."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from core.access.actors import PLATFORM, Actor
from core.audit.domain.chains import CHAIN_OPENED, hash_of, is_sealed, seal_of
from core.audit.models import AuditChain, AuditEntry
from core.audit.models.entry import PLATFORM_CHAIN, chain_of

Snapshot = dict[str, Any]
Changes = dict[str, list[Any]]
_LONGEST_LABEL, _LONGEST_NOTE = 200, 500


def record(
    action: str,
    target: models.Model,
    *,
    by: Actor,
    now: datetime,
    cpts_id: int | None,
    changes: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    """Write the entry of a write, at the end of its chain, and return it.

    In: `action` as "<app>.<verb>", the object written, who did it, the CPTS whose journal it belongs to
    (None: the platform's), the changes as `changed` gives them. Raises RuntimeError outside of a
    transaction: an entry stands or falls with what it tells. A verb that writes in the journals of the
    platform and of a CPTS writes in the platform's first, for each keeps its chain until it ends.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action} must be recorded in the transaction of the write")
    chain = _locked(chain_of(cpts_id), now=now)
    entry = AuditEntry(
        chain=chain.name,
        position=chain.length + 1,
        at=now,
        actor_id=by.user_id,
        actor_role=by.role,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:_LONGEST_LABEL],
        changes=dict(changes or {}),
        note=note[:_LONGEST_NOTE],
        previous_hash=chain.head,
    )
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    was_sealed = is_sealed(chain)
    chain.length, chain.head = entry.position, entry.hash
    # A head that somebody set back stays without a seal of ours: writing on would hide it.
    chain.seal = seal_of(chain) if was_sealed else chain.seal
    chain.save(update_fields=["length", "head", "seal"])
    return entry


def _locked(name: str, *, now: datetime) -> AuditChain:
    """Return the chain, locked until the end of the caller's transaction; opens it the first time."""
    return _found(name) or (_platform_chain() if name == PLATFORM_CHAIN else _opened(name, now=now))


def _found(name: str) -> AuditChain | None:
    return AuditChain.objects.select_for_update().filter(name=name).first()


def _opened(name: str, *, now: datetime) -> AuditChain:
    """Open a chain, an entry of the platform's chain telling it: one that vanishes whole is missed there."""
    # Its lock comes first, as for who writes in both: the other way round, two could wait for each other.
    _locked(PLATFORM_CHAIN, now=now)
    if chain := _found(name):  # opened while we waited
        return chain
    chain = _blank(name)
    chain.save(force_insert=True)
    record(CHAIN_OPENED, chain, by=PLATFORM, now=now, cpts_id=None)
    return chain


def _platform_chain() -> AuditChain:
    """Open the chain of the platform, unless somebody did at the same time."""
    AuditChain.objects.bulk_create([_blank(PLATFORM_CHAIN)], ignore_conflicts=True)
    chain = _found(PLATFORM_CHAIN)
    assert chain is not None  # noqa: S101  # for the type checker: it was written just above, or before
    return chain


def _blank(name: str) -> AuditChain:
    chain = AuditChain(name=name)
    chain.seal = seal_of(chain)
    return chain


def snapshot(target: models.Model, fields: Iterable[str]) -> Snapshot:
    """Return the values of these fields as JSON values, to be compared after the write."""
    return {name: _json_value(getattr(target, _attname(target, name))) for name in fields}


def changed(before: Snapshot, after: Snapshot) -> Changes:
    """Return the fields that differ, each with its value before and after (None where there was none)."""
    return {
        name: [before.get(name), after.get(name)]
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }


def created(after: Snapshot) -> Changes:
    """Return the changes that tell a new object: what is filled in."""
    return {name: [None, value] for name, value in after.items() if value not in (None, "", [], {})}


def _attname(target: models.Model, name: str) -> str:
    field = target._meta.get_field(name)
    return str(getattr(field, "attname", name))


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple | dict | int | str | bool | None):
        return value
    return str(value)
