"""What entries say of people, kept beside the chain so that it can be erased (docs/adr/0020).

The entry itself, which is never erased, says who did what and when, a neutral label, and the digest of its
detail: salted by 32 random bytes that go with the detail.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from core.audit.domain.fingerprints import fingerprint_of
from core.audit.models import AuditDetail, AuditEntry
from core.audit.models.detail import subject_key

DIGEST = "detail_digest"
"""Key of an entry's changes: the digest of its detail."""
ERASED = "details_erased"
"""Key of an entry's changes: the positions of the entries of its chain whose details it erased."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an entry tells of: their row, and the words by which the chain names them for ever."""

    row: models.Model
    known_as: str


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells: of somebody whose data were erased, only its neutral label."""

    label: str
    changes: Mapping[str, Any]
    note: str
    is_erased: bool = False


def detach(entry: AuditEntry, about: Subject) -> AuditDetail:
    """Move what an entry tells to a detail, not saved, and leave its digest in the entry, not hashed yet."""
    detail = AuditDetail(
        entry=entry,
        subject=subject_key(about.row),
        salt=secrets.token_hex(32),
        content={"label": entry.target_label, "changes": entry.changes, "note": entry.note},
    )
    entry.target_label, entry.note = about.known_as, ""
    entry.changes = {DIGEST: digest_of(detail)}
    return detail


def digest_of(detail: AuditDetail) -> str:
    """Return the salted SHA-256 of a detail: of whom it tells, and what."""
    return fingerprint_of({"salt": detail.salt, "subject": detail.subject, "content": detail.content})


def told_by(entries: Iterable[AuditEntry]) -> list[Told]:
    """Return what each entry tells, its detail read. One query, none when no entry has a detail."""
    entries = list(entries)
    detached = [entry.pk for entry in entries if DIGEST in entry.changes]
    details = AuditDetail.objects.in_bulk(detached, field_name="entry_id") if detached else {}
    return [_told(entry, details.get(entry.pk)) for entry in entries]


def _told(entry: AuditEntry, detail: AuditDetail | None) -> Told:
    if DIGEST not in entry.changes:
        return Told(entry.target_label, entry.changes, entry.note)
    return Told(**detail.content) if detail else Told(entry.target_label, {}, "", is_erased=True)


def erased_positions(chain: str) -> dict[int, int]:
    """Return the positions of a chain whose details were erased, each with that of the entry that says so."""
    erasures = AuditEntry.objects.filter(chain=chain, changes__has_key=ERASED).order_by("position")
    return {
        erased: position
        for position, changes in erasures.values_list("position", "changes")
        for erased in changes[ERASED]
        if erased < position
    }


def detail_fault(entry: AuditEntry, detail: AuditDetail | None, erased: Mapping[int, int]) -> str:
    """Return in French what is wrong with the detail of an entry, "" for nothing.

    In: the detail as it is in the base, None for none; `erased_positions` of the entry's chain.
    """
    digest = entry.changes.get(DIGEST)
    if detail is None:
        unexplained = digest is not None and entry.position not in erased
        return "ses données personnelles ont disparu sans qu’un effacement le dise." if unexplained else ""
    if digest is None:
        return "des données personnelles y ont été ajoutées."
    if entry.position in erased:
        return f"ses données personnelles, effacées au rang {erased[entry.position]}, sont revenues."
    return "" if digest_of(detail) == digest else "ses données personnelles ont été modifiées."
