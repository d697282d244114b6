"""The journal as a person reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from core.access.enums import Role
from core.audit.domain.details import ERASED, Told, told_by
from core.audit.domain.values import Named, names_of, readable
from core.audit.models import AuditEntry
from core.audit.words import field_of, field_words, object_words, value_words, words_of
from core.ui.formatting import number

_ROLE_WORDS = {
    Role.COORDINATOR: "coordination",
    Role.TREASURER: "trésorerie",
    Role.BOARD: "bureau",
    Role.MEMBER: "adhésion",
    Role.REVIEWER: "instruction",
    Role.ADMINISTRATOR: "administration",
}


@dataclass(frozen=True)
class Change:
    """One field: its name, its value before and after, in French; `before` is "" for a new object."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ReadEntry:
    """One entry in French: who did what to what, and when."""

    at: datetime
    who: str
    role: str
    deed: str
    kind: str
    target: str
    note: str
    changes: tuple[Change, ...]
    is_erased: bool
    """Whether what it said of somebody was erased since."""
    key: str
    """What narrows a history to this object: "<app>.<model>:<number>"."""


def read_entries(entries: Sequence[AuditEntry]) -> list[ReadEntry]:
    """Return entries in French; a query for the people, a query for what can be erased, and one for each
    kind of object they point to.
    """
    told = told_by(entries)
    actors = {entry.actor_id for entry in entries if entry.actor_id is not None}
    people = {person.pk: str(person) for person in get_user_model().objects.filter(pk__in=actors)}
    named = names_of((entry.target_type, each.changes) for entry, each in zip(entries, told, strict=True))
    return [_read(entry, each, people, named) for entry, each in zip(entries, told, strict=True)]


def _read(entry: AuditEntry, told: Told, people: dict[int, str], named: Named) -> ReadEntry:
    return ReadEntry(
        at=entry.at,
        who=_who(entry.actor_id, people),
        role=_ROLE_WORDS.get(Role(entry.actor_role), ""),
        deed=words_of(entry.action),
        kind=object_words(entry.target_type),
        target=told.label,
        note=told.note,
        changes=tuple(_change(entry.target_type, name, value, named) for name, value in told.changes.items()),
        is_erased=told.is_erased,
        key=f"{entry.target_type}:{entry.target_id}",
    )


def _worded(value: Any, words: Mapping[str, str]) -> Any:
    """Return a code, or each code of a list, in words."""
    if not words:
        return value
    if isinstance(value, list):
        return [_worded(each, words) for each in value]
    return words.get(value, value) if isinstance(value, str) else value


def _who(actor_id: int | None, people: dict[int, str]) -> str:
    return "La plateforme" if actor_id is None else people.get(actor_id, f"Personne n°\u00a0{actor_id}")


def _change(target_type: str, name: str, value: Any, named: Named) -> Change:
    if name == ERASED:
        return Change("écritures dont les données sont effacées", "", number(len(value)))
    field, label = field_of(target_type, name), field_words(target_type, name)
    if not isinstance(value, list) or len(value) != 2:
        return Change(label, "", readable(None, value, named))
    words = value_words(target_type, name)
    before, after = (readable(field, _worded(each, words), named) for each in value)
    return Change(label, "" if value[0] is None and value[1] is not None else before, after)
