"""Writing what an import plan says: all of it, or nothing, in a bounded number of queries."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.access.actors import Actor
from core.audit.domain.journal import Deed, changed, created, snapshot
from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.domain.import_plan import ImportPlan, PlannedRow
from members.domain.import_registry import places_known
from members.domain.members import (
    COPIED_TO_PEOPLE,
    MEMBER_FIELDS,
    copy_to_people,
    next_number,
    place_rows,
    places_told,
)
from members.domain.memberships import change_category, write_periods
from members.domain.recording import member_deed, record_members
from members.enums import MemberCategory, MembershipSource, RowVerdict
from members.models import Member, PracticePlace

_LOT = 500
_REWRITTEN = (
    *(name for name in MEMBER_FIELDS if name not in ("kind", "notes")),
    "search_text",
    "sort_name",
    "revision",
)


def write_plan(cpts: Cpts, plan: ImportPlan, *, file_name: str, day: date, by: Actor, now: datetime) -> None:
    """Write every new and changed row of a plan; the caller holds the registry, in a transaction.

    One entry of the journal for each, in the order of the file, and one more for a membership that changes
    category or college, which begins on `day`. Raises what the verbs of memberships raise.
    """
    new, old = plan.having(RowVerdict.NEW), plan.having(RowVerdict.CHANGED)
    before = {row.number: _snapshot(row.member) for row in old if row.member}
    _write_new(cpts, new)
    _write_changed(old)
    _write_places([*new, *old], now=now)
    _write_periods(cpts, [*new, *old], now=now)
    note = f"Import du fichier «\u00a0{file_name}\u00a0»."
    written = plan.having(RowVerdict.NEW, RowVerdict.CHANGED)
    deeds = [_deed(row, before.get(row.number), note) for row in written if not _only_changes_category(row)]
    record_members(cpts.pk, deeds, by=by, now=now)
    _change_categories(old, day=day, note=note, by=by, now=now)


def _wanted(row: PlannedRow) -> Member:
    if row.wanted is None:
        raise ValueError(f"Row {row.number} has nothing to write")
    return row.wanted


def _write_new(cpts: Cpts, rows: Sequence[PlannedRow]) -> None:
    first = next_number(cpts)
    members = [_wanted(row) for row in rows]
    for rank, member in enumerate(members):
        member.number = first + rank
    Member.objects.bulk_create(members, batch_size=_LOT)


def _write_changed(rows: Sequence[PlannedRow]) -> None:
    """Write over the rows of the registry whose own fields change, as they were read under its lock."""
    members = []
    for row in rows:
        if row.places != _places_before(row) or _snapshot(row.member) != _snapshot(row.wanted):
            member = _wanted(row)
            member.revision += 1
            members.append(member)
    # Numbers that change hands are given back first: no row ever has that of another, even for a moment.
    renumbered = [row.member.pk for row in rows if row.member and row.member.rpps != _wanted(row).rpps]
    Member.objects.filter(pk__in=renumbered).update(rpps="")
    # An insertion that gives way to an update: several times faster than one CASE for each value.
    Member.objects.bulk_create(
        members, batch_size=_LOT, update_conflicts=True, unique_fields=["id"], update_fields=_REWRITTEN
    )
    for row in rows:
        if row.member and not row.member.is_person and _changes(row).keys() & COPIED_TO_PEOPLE:
            copy_to_people(_wanted(row))


def _write_places(rows: Sequence[PlannedRow], *, now: datetime) -> None:
    """Leave the former places of those who moved, which stay readable, for the new ones."""
    moved = [row for row in rows if row.places != _places_before(row)]
    left = [row.member.pk for row in moved if row.member]
    for start in range(0, len(left), _LOT):
        lot = left[start : start + _LOT]
        PracticePlace.objects.filter(member__in=lot, archived_at=None).update(archived_at=now)
    places = [place for row in moved for place in place_rows(_wanted(row), row.places)]
    PracticePlace.objects.bulk_create(places, batch_size=_LOT)


def _write_periods(cpts: Cpts, rows: Sequence[PlannedRow], *, now: datetime) -> None:
    begun = [(_wanted(row), row.period.begun) for row in rows if row.period.begun]
    if begun:
        write_periods(cpts, begun, source=MembershipSource.IMPORT, now=now)


def _change_categories(rows: Sequence[PlannedRow], *, day: date, note: str, by: Actor, now: datetime) -> None:
    for row in rows:
        if row.period.changed and row.member and row.member.last_membership:
            category, college = row.period.changed
            change_category(row.member.last_membership, category, college, day, note=note, by=by, now=now)


def _deed(row: PlannedRow, before: Mapping[str, Any] | None, note: str) -> Deed:
    """Return what the journal tells of a row: the entry, its places and the membership it begins."""
    member, after = _wanted(row), _snapshot(row.wanted)
    changes = created(after) if before is None else changed(dict(before), after)
    if row.places != (former := _places_before(row)):
        changes |= {"places": [places_told(former) or None, places_told(row.places)]}
    if period := row.period.begun:
        changes |= {
            "category": [None, str(MemberCategory(period.category).label)],
            "starts_on": [None, long_date(period.starts_on)],
        }
        changes |= {"college": [None, period.college.name]} if period.college else {}
    verb = "member_added" if before is None else "member_updated"
    return member_deed(verb, member, changes=changes, note=note)


def _only_changes_category(row: PlannedRow) -> bool:
    """Whether the verb that changes the category tells all."""
    if row.member is None or row.period.begun or row.places != _places_before(row):
        return False
    return _snapshot(row.member) == _snapshot(row.wanted)


def _changes(row: PlannedRow) -> dict[str, Any]:
    return changed(_snapshot(row.member), _snapshot(row.wanted))


def _snapshot(member: Member | None) -> dict[str, Any]:
    return snapshot(member, MEMBER_FIELDS) if member else {}


def _places_before(row: PlannedRow) -> list[Any]:
    return places_known(row.member) if row.member else []
