"""Several people at once on a registry: each number once, nobody twice, nothing lost."""

from datetime import UTC, date, datetime

import pytest

from core.access.actors import PLATFORM
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from members.domain.lookalikes import LookalikeError, add_once
from members.domain.members import PlaceValues, add_member, update_member
from members.domain.representatives import RepresentativeValues, change_representative
from members.enums import MemberKind
from members.models import Member, PracticePlace, Representative
from tests.factories.members import StructureFactory
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once, shared_base

__all__ = ["shared_base"]
pytestmark = pytest.mark.usefixtures("shared_base")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PERSON = {"kind": MemberKind.NATURAL, "last_name": "Essai", "first_name": "Zoé", "profession": "60"}
PLACES = [PlaceValues(commune_code="50218", commune_name="Granville")]
PEOPLE = 4


def test_entries_added_at_once_have_a_number_each():
    cpts = CptsFactory()
    add_member(cpts, PERSON, by=PLATFORM, now=NOW)

    def add(rank):
        return add_member(cpts, PERSON | {"last_name": f"Essai {rank}"}, by=PLATFORM, now=NOW)

    added = at_once([lambda rank=rank: add(rank) for rank in range(PEOPLE)])

    assert sorted(member.number for member in added) == [2, 3, 4, 5]
    assert AuditEntry.objects.filter(action="members.member_added").count() == PEOPLE + 1
    assert list(chain_faults()) == []


def test_clicks_at_once_add_one_entry():
    cpts = CptsFactory()
    calls = [lambda: add_once(cpts, PERSON, places=PLACES, by=PLATFORM, now=NOW)] * PEOPLE
    added = at_once(calls)

    assert len({member.pk for member in added}) == 1
    assert (Member.objects.count(), PracticePlace.objects.count()) == (1, 1)
    assert AuditEntry.objects.about(added[0]).count() == 1


def test_namesakes_added_at_once_are_looked_at():
    cpts = CptsFactory()

    def add(rank):
        values = PERSON | {"email": f"zoe-{rank}@example.org"}
        return add_once(cpts, values, places=PLACES, by=PLATFORM, now=NOW)

    results = at_once([lambda rank=rank: add(rank) for rank in range(PEOPLE)])

    assert sorted(type(each).__name__ for each in results) == ["LookalikeError"] * 3 + ["Member"]
    assert all(isinstance(each, Member | LookalikeError) for each in results)
    assert Member.objects.count() == 1


def test_one_of_several_corrections_is_kept_and_the_others_are_told():
    cpts = CptsFactory()
    member = add_member(cpts, PERSON, places=PLACES, by=PLATFORM, now=NOW)

    def write(name):
        places = [PlaceValues(label=name)]
        values = {"email": f"{name}@example.org"}
        return update_member(member, values, places=places, revision=1, by=PLATFORM, now=NOW)

    results = at_once([lambda name=name: write(name) for name in ("a", "b", "c")])

    kept = [result for result in results if isinstance(result, Member)]
    assert [type(result) for result in results if not isinstance(result, Member)] == [StaleError] * 2
    member.refresh_from_db()
    assert (member.email, member.revision) == (kept[0].email, 2)
    assert member.places.get(archived_at=None).label == member.email.partition("@")[0]
    assert AuditEntry.objects.about(member).count() == 2
    assert list(chain_faults()) == []


def test_a_structure_changes_its_representative_once():
    structure = StructureFactory()

    def change(name):
        values = RepresentativeValues(name=name)
        day = date(2026, 1, 5)
        return change_representative(structure, values, starts_on=day, seen=None, by=PLATFORM, now=NOW)

    results = at_once([lambda name=name: change(name) for name in ("Camille", "Camille", "Dominique")])

    kept = {result.name for result in results if isinstance(result, Representative)}
    assert len(kept) == 1
    assert Representative.objects.get().name in kept
    assert AuditEntry.objects.about(structure).count() == 1
