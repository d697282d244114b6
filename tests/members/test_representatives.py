"""Who speaks for a structure: one at a time, from a day on."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from members.domain.representatives import RepresentativeValues, change_representative
from members.models import Member, Representative
from tests.factories.journal import told
from tests.factories.members import MemberFactory, StructureFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST, SECOND = date(2024, 9, 1), date(2026, 1, 5)
DOMINIQUE = RepresentativeValues(name=" Dominique  Exemple ", capacity="gérante", email="d@example.org")


@pytest.fixture
def structure(cpts):
    return StructureFactory(cpts=cpts, number=1)


@pytest.fixture
def change(cpts, structure):
    by = Actor(role=Role.COORDINATOR, user_id=UserFactory().pk, cpts_id=cpts.pk)

    def write(values, day, seen=None, of=structure):
        seen = seen.pk if seen else None
        return change_representative(of, values, starts_on=day, seen=seen, by=by, now=NOW)

    return write


def state():
    return list(Representative.objects.order_by("pk").values()), AuditEntry.objects.count()


def periods():
    return list(Representative.objects.order_by("pk").values_list("name", "starts_on", "ends_on"))


def test_a_first_representative_is_told(structure, change):
    made = change(DOMINIQUE, FIRST)

    assert (made.name, made.capacity, made.email) == ("Dominique Exemple", "gérante", "d@example.org")
    (entry,) = AuditEntry.objects.about(structure)
    assert entry.action == "members.representative_changed"
    assert told(entry).changes == {
        "representative": [None, "Dominique Exemple, gérante"],
        "representative_since": [None, "1er septembre 2024"],
    }


def test_the_next_one_closes_the_former_s_period(cpts, structure, change):
    person = MemberFactory(cpts=cpts, number=2, first_name="Zoé", last_name="Essai")
    first = change(DOMINIQUE, FIRST)
    second = change(RepresentativeValues(person=person), SECOND, first)

    assert periods() == [("Dominique Exemple", FIRST, SECOND), ("Zoé Essai", SECOND, None)]
    assert second.person == person
    entry = AuditEntry.objects.about(structure).latest("position")
    assert told(entry).changes["representative"] == ["Dominique Exemple, gérante", "Zoé Essai"]
    assert AuditEntry.objects.about(structure).count() == 2


def test_a_change_on_the_very_day_leaves_an_empty_period(structure, change):
    first = change(DOMINIQUE, FIRST)
    second = change(RepresentativeValues(name="Camille Essai"), FIRST, first)

    assert periods() == [("Dominique Exemple", FIRST, FIRST), ("Camille Essai", FIRST, None)]
    assert list(Representative.objects.in_force(FIRST)) == [second]


def test_a_change_before_the_former_began_is_refused(structure, change):
    first = change(DOMINIQUE, SECOND)
    before = state()
    with pytest.raises(ValidationError, match="représente la structure depuis le 5 janvier 2026"):
        change(RepresentativeValues(name="Camille Essai"), FIRST, first)
    assert state() == before


def test_a_change_to_come_leaves_the_present_one_until_then(structure, change):
    first = change(DOMINIQUE, FIRST)
    second = change(RepresentativeValues(name="Camille Essai"), date(2026, 6, 1), first)

    assert list(Representative.objects.in_force(NOW.date())) == [first]
    assert list(Representative.objects.in_force(date(2026, 6, 1))) == [second]


@pytest.mark.parametrize("day", [date(1899, 12, 31), date(2028, 3, 5), date(9999, 12, 31)])
def test_a_day_out_of_reach_is_refused(structure, change, day):
    with pytest.raises(ValidationError, match="dans les deux ans"):
        change(DOMINIQUE, day)
    assert state() == ([], 0)


def test_the_same_change_twice_is_made_once(structure, change):
    first = change(DOMINIQUE, FIRST)
    before = state()
    assert change(DOMINIQUE, FIRST) == first
    assert state() == before


def test_somebody_else_s_change_is_not_written_over(structure, change):
    change(DOMINIQUE, FIRST)
    before = state()
    with pytest.raises(StaleError):
        change(RepresentativeValues(name="Camille Essai"), SECOND)
    assert state() == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (RepresentativeValues(name=" "), "name"),
        (RepresentativeValues(name="x" * 151), "name"),
        (RepresentativeValues(name="Camille", email="personne"), "email"),
    ],
)
def test_what_cannot_be_kept_is_refused(structure, change, values, field):
    with pytest.raises(ValidationError) as caught:
        change(values, FIRST)
    assert field in caught.value.error_dict
    assert state() == ([], 0)


def test_a_representative_is_a_person_of_the_registry(cpts, other_cpts, structure, change):
    for other in (MemberFactory(cpts=other_cpts), StructureFactory(cpts=cpts, number=7)):
        with pytest.raises(ValidationError, match="personne du registre"):
            change(RepresentativeValues(person=other), FIRST)
    assert state() == ([], 0)


def test_only_a_structure_that_is_there_has_one(cpts, structure, change):
    gone = StructureFactory(cpts=cpts, number=8)
    Member.objects.filter(pk=gone.pk).update(merged_into=structure)
    for other in (MemberFactory(cpts=cpts, number=9), gone):
        with pytest.raises(ValidationError, match="Seule une structure"):
            change(DOMINIQUE, FIRST, of=other)
    assert state() == ([], 0)
