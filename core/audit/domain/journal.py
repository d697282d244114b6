"""Writing in the journal: one entry per write, in the transaction of the write."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from core.access.actors import PLATFORM, Actor
from core.audit.domain.chains import CHAIN_OPENED, hash_of, is_sealed, seal_of
from core.audit.domain.details import Subject, detach
from core.audit.models import AuditChain, AuditDetail, AuditEntry
from core.audit.models.entry import PLATFORM_CHAIN, chain_of

Snapshot = dict[str, Any]
Changes = dict[str, list[Any]]
_LONGEST_LABEL, _LONGEST_NOTE = 200, 500


@dataclass(frozen=True, slots=True)
class Deed:
    """One write to tell: `action` as "<app>.<verb>", the object written, the changes as `changed` gives them.

    `about`, for what tells of somebody: the label of the object, the changes and the note can then be erased.
    `label` names the object otherwise than it does itself.
    """

    action: str
    target: models.Model
    changes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    about: Subject | None = None
    label: str = ""


def record(
    action: str,
    target: models.Model,
    *,
    by: Actor,
    now: datetime,
    cpts_id: int | None,
    changes: Mapping[str, Any] | None = None,
    note: str = "",
    about: Subject | None = None,
) -> AuditEntry:
    """Write the entry of a write, at the end of its chain, and return it.

    In: `action` as "<app>.<verb>", the object written, who did it, the CPTS whose journal it belongs to
    (None: the platform's), the changes as `changed` gives them, and whom it tells of when that must be
    erasable (`Deed`; `told_by` reads it back). Raises RuntimeError outside of a transaction: an entry stands
    or falls with what it tells. A verb that writes in the journals of the platform and of a CPTS writes in
    the platform's first, for each keeps its chain until it ends.
    """
    deed = Deed(action, target, changes or {}, note, about)
    return record_many([deed], by=by, now=now, cpts_id=cpts_id)[0]


def record_many(deeds: Sequence[Deed], *, by: Actor, now: datetime, cpts_id: int | None) -> list[AuditEntry]:
    """Write the entry of each of these writes, in order, and return them: as `record`, in bulk.

    A few queries, whatever their number.
    """
    if not connection.in_atomic_block:
        named = ", ".join(sorted({deed.action for deed in deeds}))
        raise RuntimeError(f"{named} must be recorded in the transaction of the write")
    if not deeds:
        return []
    chain = held_chain(chain_of(cpts_id), now=now)
    was_sealed = is_sealed(chain)
    details: list[AuditDetail] = []
    entries = [_chained(deed, chain, details, by=by, now=now) for deed in deeds]
    AuditEntry.objects.bulk_create(entries)
    AuditDetail.objects.bulk_create(details)
    # A head that somebody set back stays without a seal of ours: writing on would hide it.
    chain.seal = seal_of(chain) if was_sealed else chain.seal
    chain.save(update_fields=["length", "head", "seal"])
    return entries


def _chained(
    deed: Deed, chain: AuditChain, details: list[AuditDetail], *, by: Actor, now: datetime
) -> AuditEntry:
    """Return the next entry of a chain and move its head there; what can be erased goes to `details`."""
    entry = AuditEntry(
        chain=chain.name,
        position=chain.length + 1,
        at=now,
        actor_id=by.user_id,
        actor_role=by.role,
        action=deed.action,
        target_type=deed.target._meta.label_lower,
        target_id=str(deed.target.pk),
        target_label=(deed.label or str(deed.target))[:_LONGEST_LABEL],
        changes=dict(deed.changes),
        note=deed.note[:_LONGEST_NOTE],
        previous_hash=chain.head,
    )
    if deed.about is not None:
        details.append(detach(entry, deed.about))
    entry.hash = hash_of(entry)
    chain.length, chain.head = entry.position, entry.hash
    return entry


def held_chain(name: str, *, now: datetime) -> AuditChain:
    """Return the chain, locked until the end of the caller's transaction; opens it the first time."""
    return _found(name) or (_platform_chain() if name == PLATFORM_CHAIN else _opened(name, now=now))


def _found(name: str) -> AuditChain | None:
    return AuditChain.objects.select_for_update().filter(name=name).first()


def _opened(name: str, *, now: datetime) -> AuditChain:
    """Open a chain, an entry of the platform's chain telling it: one that vanishes whole is missed there."""
    # Its lock comes first, as for who writes in both: the other way round, two could wait for each other.
    held_chain(PLATFORM_CHAIN, now=now)
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
