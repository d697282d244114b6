"""Writing somebody in the registry, correcting what it says, telling who is already there."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.organisations.domain.phones import parse_phone
from members.domain.lookalikes import LookalikeError, add_once
from members.domain.members import PlaceValues, add_member, places_of, update_member
from members.domain.recording import NOTES_CHANGED
from members.enums import MemberKind
from members.models import Member, PracticePlace
from tests.factories.journal import told
from tests.factories.members import MemberFactory, StructureFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PERSON = {"kind": MemberKind.NATURAL, "last_name": "Essai", "first_name": "Zoé", "profession": "60"}
CENTRE = {
    "kind": MemberKind.LEGAL,
    "last_name": "Centre de santé du Port",
    "structure_kind": "health_centre",
    "commune_code": "50218",
    "commune_name": "Granville",
}
GRANVILLE = PlaceValues(address="1 rue d’Essai", commune_code="50218", commune_name="Granville")
AVRANCHES = PlaceValues(label="Cabinet du Château", commune_code="50025", commune_name="Avranches")


@pytest.fixture
def by(cpts):
    return Actor(role=Role.COORDINATOR, user_id=UserFactory().pk, cpts_id=cpts.pk)


@pytest.fixture
def add(cpts, by):
    def write(values=PERSON, places=(), **more):
        return add_member(cpts, values | more, places=places, by=by, now=NOW)

    return write


@pytest.fixture
def update(by):
    def write(member, values, revision=1, **more):
        return update_member(member, values, revision=revision, by=by, now=NOW, **more)

    return write


def state():
    models = (Member, PracticePlace)
    return [list(model.objects.order_by("pk").values()) for model in models], AuditEntry.objects.count()


class TestAdding:
    def test_a_person_is_numbered_folded_and_told(self, cpts, add):
        member = add(
            last_name="  D’Œuvre ",
            rpps="1000 345 6786",
            phone=parse_phone("02 33 50 00 00"),
            places=[AVRANCHES, GRANVILLE],
        )

        member.refresh_from_db()
        assert (member.number, member.name, member.rpps) == (1, "Zoé D’Œuvre", "10003456786")
        assert (member.commune_code, member.commune_name) == ("50025", "Avranches")
        assert member.sort_name == "d oeuvre zoe"
        for word in (" infirmier", " zoe", " cabinet du chateau", " granville"):
            assert word in member.search_text
        (entry,) = AuditEntry.objects.about(member)
        assert (entry.action, entry.chain, entry.actor_role) == (
            *("members.member_added", f"cpts-{cpts.pk}"),
            Role.COORDINATOR,
        )
        assert list(chain_faults()) == []

    def test_the_first_place_is_the_main_one(self, add):
        member = add(places=[AVRANCHES, GRANVILLE])

        assert places_of(member) == [AVRANCHES, GRANVILLE]
        assert list(member.places.order_by("pk").values_list("is_main", flat=True)) == [True, False]

    def test_the_commune_of_a_structure_is_that_of_who_practises_there(self, add):
        centre = add(CENTRE)
        member = add(places=[PlaceValues(structure=centre)])

        assert (member.commune_code, member.commune_name) == ("50218", "Granville")
        assert " centre de sante du port" in member.search_text

    def test_numbers_follow_each_other_and_are_not_given_again(self, other_cpts, add):
        MemberFactory(cpts=other_cpts, number=40)
        assert [add().number, add(CENTRE).number] == [1, 2]
        Member.objects.filter(number=2).update(merged_into=Member.objects.get(number=1))
        assert add().number == 3

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            (PERSON | {"last_name": " "}, "last_name"),
            (PERSON | {"first_name": ""}, "first_name"),
            (PERSON | {"rpps": "123"}, "rpps"),
            (PERSON | {"adeli": "12"}, "adeli"),
            (PERSON | {"email": "personne"}, "email"),
            (PERSON | {"profession": "99"}, "profession"),
            (CENTRE | {"structure_kind": ""}, "structure_kind"),
            (CENTRE | {"siret": "12345678912345"}, "siret"),
            (CENTRE | {"finess": "5"}, "finess"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, add, values, field):
        with pytest.raises(ValidationError) as caught:
            add(values)

        assert field in caught.value.error_dict
        assert state() == ([[], []], 0)

    def test_a_wrong_key_of_rpps_is_kept(self, add):
        assert add(rpps="10003456780").rpps == "10003456780"

    def test_an_rpps_is_somebody_s(self, other_cpts, add):
        MemberFactory(cpts=other_cpts, rpps="10003456786")
        add(rpps="10003456786")
        with pytest.raises(ValidationError, match="déjà celui de Zoé Essai, numéro 1 au registre"):
            add(rpps="10003456786", last_name="Autre")

    def test_several_people_have_none(self, add):
        assert [add(profession="35").rpps, add(profession="36").rpps] == ["", ""]

    def test_only_a_doctor_keeps_a_medicine(self, add):
        assert add(profession="10", doctor_kind="general").doctor_kind == "general"
        assert add(profession="60", doctor_kind="general").doctor_kind == ""

    def test_only_what_an_entry_says_is_written(self, add):
        for name in ("number", "revision", "search_text", "merged_into", "pk"):
            with pytest.raises(ValueError, match="Not fields of a member"):
                add(**{name: "x"})

    def test_notes_are_not_in_the_journal_that_more_people_read(self, add, update):
        member = add(notes="Préfère le courrier.")
        update(member, {"notes": "Préfère le téléphone."})

        changes = [told(entry).changes["notes"] for entry in AuditEntry.objects.about(member)]
        assert changes == [[None, NOTES_CHANGED]] * 2
        assert Member.objects.get().notes == "Préfère le téléphone."


class TestUpdating:
    def test_a_correction_is_told_and_folded_again(self, add, update):
        member = add(places=[GRANVILLE])
        update(member, {"last_name": "Exemple", "email": "zoe@example.org"})

        member.refresh_from_db()
        assert (member.name, member.revision, member.sort_name) == ("Zoé Exemple", 2, "exemple zoe")
        assert " granville" in member.search_text
        entry = AuditEntry.objects.about(member).latest("position")
        assert entry.action == "members.member_updated"
        assert told(entry).changes == {"last_name": ["Essai", "Exemple"], "email": ["", "zoe@example.org"]}
        assert places_of(member) == [GRANVILLE]

    def test_what_is_there_already_writes_nothing(self, add, update):
        member = add(places=[GRANVILLE])
        update(member, {"last_name": "Exemple"}, places=[AVRANCHES])
        before = state()
        again = update(member, {"last_name": " Exemple "}, revision=1, places=[AVRANCHES])

        assert (again.revision, state()) == (2, before)

    def test_nobody_writes_over_somebody_else(self, add, update):
        member = add()
        update(member, {"email": "zoe@example.org"})
        before = state()
        with pytest.raises(StaleError):
            update(member, {"email": "autre@example.org"}, revision=1)
        assert state() == before

    def test_a_refused_correction_changes_nothing(self, add, update):
        member = add(places=[GRANVILLE])
        before = state()
        for values in ({"last_name": ""}, {"rpps": "1"}, {"email": "x"}):
            with pytest.raises(ValidationError):
                update(member, values, places=[AVRANCHES])
        assert state() == before

    def test_former_places_stay_readable(self, add, update):
        member = add(places=[GRANVILLE])
        update(member, {}, places=[AVRANCHES, GRANVILLE])

        member.refresh_from_db()
        assert places_of(member) == [AVRANCHES, GRANVILLE]
        assert member.commune_name == "Avranches"
        (former,) = member.places.filter(archived_at=NOW)
        assert (former.address, former.is_main) == ("1 rue d’Essai", True)
        entry = AuditEntry.objects.about(member).latest("position")
        assert told(entry).changes["places"] == [
            ["Granville, 1 rue d’Essai"],
            ["Cabinet du Château, Avranches", "Granville, 1 rue d’Essai"],
        ]

    def test_people_follow_the_name_and_the_commune_of_their_structure(self, add, update):
        centre = add(CENTRE)
        inside = add(places=[PlaceValues(structure=centre)])
        beside = add(last_name="Autre", places=[AVRANCHES, PlaceValues(structure=centre)])
        left = add(last_name="Partie", places=[PlaceValues(structure=centre)])
        update(left, {}, places=[AVRANCHES])
        update(centre, {"last_name": "Pôle des Grèves", "commune_code": "50025", "commune_name": "Avranches"})

        people = Member.objects.in_bulk()
        assert people[inside.pk].commune_name == "Avranches"
        assert " pole des greves" in people[inside.pk].search_text
        assert " port" not in people[inside.pk].search_text
        assert " pole des greves" in people[beside.pk].search_text
        assert " pole" not in people[left.pk].search_text
        assert [people[each.pk].revision for each in (inside, beside)] == [1, 1]

    @pytest.mark.parametrize("how", ["merged_into", "anonymised_at"])
    def test_an_entry_that_is_gone_is_not_corrected(self, add, update, how):
        member, other = add(), add(CENTRE)
        Member.objects.filter(pk=member.pk).update(**{how: other if how == "merged_into" else NOW})
        before = state()
        with pytest.raises(ValidationError, match="fusionnée ou anonymisée"):
            update(member, {"email": "zoe@example.org"})
        assert state() == before


class TestLookalikes:
    @pytest.fixture
    def once(self, cpts, by):
        def write(values=PERSON, places=(), told_apart=(), **more):
            return add_once(cpts, values | more, places=places, told_apart=told_apart, by=by, now=NOW)

        return write

    def reasons(self, call):
        with pytest.raises(LookalikeError) as caught:
            call()
        return [(each.member.number, each.reasons) for each in caught.value.found]

    def test_the_same_form_sent_twice_writes_one_entry(self, once):
        first = once(places=[GRANVILLE], email="zoe@example.org")
        before = state()

        assert once(places=[GRANVILLE], email="zoe@example.org") == first
        assert state() == before

    def test_the_same_form_with_an_rpps_writes_one_entry(self, once):
        first = once(rpps="10003456786")
        before = state()
        assert (once(rpps="10003456786"), state()) == (first, before)

    def test_a_namesake_of_the_commune_is_looked_at(self, once):
        once(places=[GRANVILLE])
        before = state()

        found = self.reasons(lambda: once(last_name="ESSAI", places=[GRANVILLE], email="z@example.org"))
        assert found == [(1, ("même nom", "même commune"))]
        assert state() == before

    def test_a_commune_that_is_not_known_is_taken_for_any(self, once):
        once()
        assert self.reasons(lambda: once(places=[GRANVILLE])) == [(1, ("même nom",))]

    def test_a_namesake_of_another_commune_is_another(self, once):
        once(places=[GRANVILLE])
        assert once(places=[AVRANCHES]).number == 2

    def test_an_address_is_looked_at(self, once):
        once(email="Zoe@example.org")
        found = self.reasons(lambda: once(last_name="Autre", email="zoe@EXAMPLE.org"))
        assert found == [(1, ("même adresse électronique",))]

    def test_numbers_of_a_structure_are_looked_at(self, once):
        once(CENTRE, siret="73282932000074", finess="500012345")
        found = self.reasons(
            lambda: once(CENTRE, last_name="Autre", siret="73282932000074", finess="500012345")
        )
        assert found == [(1, ("même commune", "même SIRET", "même FINESS"))]

    def test_who_was_told_apart_is_written(self, once):
        first = once(places=[GRANVILLE])
        second = once(places=[GRANVILLE], email="z@example.org", told_apart=[first.pk])
        before = state()

        assert second.number == 2
        # Sent twice, the agreement writes nobody more.
        again = once(places=[GRANVILLE], email="z@example.org", told_apart=[first.pk])
        assert (again, state()) == (second, before)

    def test_somebody_written_meanwhile_is_looked_at_too(self, once):
        first = once(places=[GRANVILLE])
        once(places=[GRANVILLE], email="z@example.org", told_apart=[first.pk])
        found = self.reasons(lambda: once(places=[GRANVILLE], email="y@example.org", told_apart=[first.pk]))
        assert found == [(2, ("même nom", "même commune"))]

    def test_others_of_another_cpts_or_kind_or_gone_are_not_looked_at(self, cpts, other_cpts, once):
        MemberFactory(cpts=other_cpts, last_name="Essai", first_name="Zoé")
        StructureFactory(cpts=cpts, number=50, last_name="Essai Zoé")
        MemberFactory(cpts=cpts, number=51, last_name="Essai", first_name="Zoé", anonymised_at=NOW)
        assert once().number == 52
