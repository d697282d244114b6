"""What the database refuses about a registry, constraint by constraint."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.utils import DatabaseError

from members.enums import (
    Body,
    EndGround,
    MemberKind,
    MembershipState,
    MemberStatus,
    RemovalGround,
    RemovalOutcome,
)
from members.models import (
    DirectoryEdition,
    Member,
    Membership,
    PracticePlace,
    Professional,
    Removal,
    Representative,
    SavedView,
    StatutesCollege,
    StatutesVersion,
    Suspension,
    VotingCollege,
)
from tests.factories.members import (
    RECORDED,
    SINCE_2024,
    MemberFactory,
    MembershipFactory,
    StatutesVersionFactory,
    StructureFactory,
    VotingCollegeFactory,
)
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
DAY, LATER, EARLIER = date(2025, 3, 1), date(2025, 6, 1), date(2025, 1, 1)


def refused(name, make):
    """Check that the database itself refuses what `make` writes, by this constraint."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def refused_twice(model, name, make):
    """Check that the second of two is refused; SQLite names the columns, the form names the constraint."""
    make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make()
    assert name in {each.name for each in model._meta.constraints}


class TestMember:
    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({"structure_kind": "msp"}, "fields_of_its_kind"),
            ({"siret": "73282932000074"}, "fields_of_its_kind"),
            ({"finess": "500012345"}, "fields_of_its_kind"),
            ({"address": "1 rue d’Essai"}, "fields_of_its_kind"),
            ({"postal_code": "50400"}, "fields_of_its_kind"),
            ({"kind": "ghost"}, "fields_of_its_kind"),
            ({"last_name": ""}, "has_name"),
            ({"rpps": "1000345678"}, "rpps_format"),
            ({"rpps": "1000345678X"}, "rpps_format"),
            ({"profession": "99"}, "profession_known"),
            ({"profession": "60", "doctor_kind": "general"}, "medicine_of_a_doctor"),
            ({"participation": "maybe"}, "participation_known"),
            ({"participation": ""}, "participation_known"),
        ],
    )
    def test_an_impossible_person_is_refused(self, values, name):
        refused(f"members_member_{name}", lambda: MemberFactory(**values))

    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({"structure_kind": ""}, "fields_of_its_kind"),
            ({"first_name": "Camille"}, "fields_of_its_kind"),
            ({"profession": "60"}, "fields_of_its_kind"),
            ({"speciality": "cardiologie"}, "fields_of_its_kind"),
            ({"exercise_mode": "liberal"}, "fields_of_its_kind"),
            ({"rpps": "10003456786"}, "fields_of_its_kind"),
            ({"adeli": "501234567"}, "fields_of_its_kind"),
            ({"siret": "7328293200007"}, "siret_format"),
            ({"finess": "5C0012345"}, "finess_format"),
        ],
    )
    def test_an_impossible_structure_is_refused(self, values, name):
        refused(f"members_member_{name}", lambda: StructureFactory(**values))

    def test_a_number_serves_once_in_a_cpts(self, cpts, other_cpts):
        MemberFactory(cpts=other_cpts, number=1)
        refused_twice(Member, "members_member_number_once", lambda: MemberFactory(cpts=cpts, number=1))

    def test_an_rpps_is_that_of_one_entry_of_a_cpts(self, cpts, other_cpts):
        MemberFactory(cpts=other_cpts, rpps="10003456786")
        MemberFactory(cpts=cpts, rpps="")
        MemberFactory(cpts=cpts, rpps="")
        refused_twice(
            Member, "members_member_rpps_once", lambda: MemberFactory(cpts=cpts, rpps="10003456786")
        )

    def test_a_merged_entry_leaves_its_rpps_and_its_account_to_another(self, cpts):
        user, kept = UserFactory(), MemberFactory(cpts=cpts)
        MemberFactory(cpts=cpts, rpps="10003456786", user=user, merged_into=kept)

        Member.objects.filter(pk=kept.pk).update(rpps="10003456786", user=user)
        assert Member.objects.filter(rpps="10003456786").count() == 2

    def test_an_account_is_that_of_one_entry_of_a_cpts(self, cpts, other_cpts):
        user = UserFactory()
        MemberFactory(cpts=other_cpts, user=user)
        refused_twice(Member, "members_member_user_once", lambda: MemberFactory(cpts=cpts, user=user))

    def test_nobody_is_merged_into_themselves(self, cpts):
        member = MemberFactory(cpts=cpts)
        refused(
            "members_member_not_into_itself",
            lambda: Member.objects.filter(pk=member.pk).update(merged_into=member),
        )

    @pytest.mark.parametrize("profession", ["10", "60", ""])
    def test_a_person_may_have_any_profession_or_none(self, profession):
        assert MemberFactory(profession=profession).pk

    def test_a_doctor_has_a_medicine(self):
        assert MemberFactory(profession="10", doctor_kind="specialist", speciality="cardiologie").pk

    def test_a_constraint_speaks_french(self, cpts):
        taken = MemberFactory(cpts=cpts, rpps="10003456786")
        twin = Member(
            cpts=cpts, number=999, kind=MemberKind.NATURAL, last_name="Essai", rpps=taken.rpps, sort_name="e"
        )
        with pytest.raises(ValidationError, match="déjà celui d’un autre inscrit"):
            twin.validate_constraints()

    def test_who_refers_to_an_entry_keeps_it(self):
        member = MembershipFactory().member
        with pytest.raises(ProtectedError):
            member.delete()


class TestPlace:
    def test_a_person_has_one_main_place_at_a_time(self):
        member = MemberFactory()
        PracticePlace.objects.create(member=member, label="Hier", is_main=True, archived_at=RECORDED)
        PracticePlace.objects.create(member=member, label="Ailleurs")
        refused_twice(
            PracticePlace,
            "members_practiceplace_one_main",
            lambda: PracticePlace.objects.create(member=member, label="Ici", is_main=True),
        )

    @pytest.mark.parametrize("values", [{}, {"postal_code": "50400"}, {"commune_name": "Granville"}])
    def test_a_place_says_where(self, values):
        member = MemberFactory()
        refused(
            "members_practiceplace_says_where",
            lambda: PracticePlace.objects.create(member=member, **values),
        )

    @pytest.mark.parametrize(
        "values", [{"label": "Cabinet"}, {"address": "1 rue d’Essai"}, {"commune_code": "50218"}]
    )
    def test_any_way_to_say_where_is_enough(self, values):
        assert PracticePlace.objects.create(member=MemberFactory(), **values).pk

    def test_a_structure_is_where(self):
        structure = StructureFactory()
        place = PracticePlace.objects.create(member=MemberFactory(cpts=structure.cpts), structure=structure)
        assert str(place) == structure.name

    def test_nobody_practises_in_themselves(self):
        member = StructureFactory()
        refused(
            "members_practiceplace_not_in_itself",
            lambda: PracticePlace.objects.create(member=member, structure=member),
        )

    def test_a_place_at_an_address_is_not_in_itself(self):
        # Without a structure the comparison is unknown, which a constraint lets through.
        assert PracticePlace.objects.create(member=MemberFactory(), label="Cabinet").structure is None


class TestRepresentative:
    def make(self, structure=None, **values):
        defaults = {"name": "Dominique Exemple", "starts_on": DAY}
        return Representative.objects.create(structure=structure or StructureFactory(), **(defaults | values))

    def test_a_structure_has_one_representative_at_a_time(self):
        structure = StructureFactory()
        self.make(structure, ends_on=LATER)
        refused_twice(Representative, "members_representative_one_open", lambda: self.make(structure))

    def test_a_period_ends_after_it_began(self):
        refused("members_representative_dates_in_order", lambda: self.make(ends_on=EARLIER))
        assert self.make(ends_on=DAY).pk

    def test_a_representative_has_a_name(self):
        refused("members_representative_has_name", lambda: self.make(name=""))

    def test_who_speaks_on_a_day(self):
        structure = StructureFactory()
        former, empty = self.make(structure, ends_on=LATER), self.make(structure, ends_on=DAY)
        present = self.make(structure, starts_on=LATER)

        def on(day):
            return list(Representative.objects.in_force(day))

        assert on(EARLIER) == []
        assert on(DAY) == [former]
        assert on(LATER) == [present]
        assert empty not in on(DAY)


class TestMembership:
    APPLIED = {
        "state": MembershipState.APPLIED,
        "decided_on": None,
        "decided_by": "",
        "starts_on": None,
    }

    @pytest.mark.parametrize(
        ("values", "name"),
        [
            (APPLIED | {"state": "unknown"}, "state_known"),
            ({"decided_on": None}, "decision_dated"),
            ({"decided_by": ""}, "decision_dated"),
            (APPLIED | {"decided_on": SINCE_2024}, "decision_dated"),
            (APPLIED | {"decided_by": Body.BOARD}, "decision_dated"),
            (APPLIED | {"state": MembershipState.WITHDRAWN, "decided_by": Body.BOARD}, "decision_dated"),
            ({"starts_on": None}, "effect_of_admission"),
            (APPLIED | {"starts_on": SINCE_2024}, "effect_of_admission"),
            (
                {"state": MembershipState.REFUSED, "decision_note": "Hors du territoire"},
                "effect_of_admission",
            ),
            ({"ends_on": DAY}, "end_has_ground"),
            ({"end_ground": EndGround.RESIGNATION}, "end_has_ground"),
            ({"state": MembershipState.ENDED, "ends_on": DAY}, "end_has_ground"),
            ({"state": MembershipState.ENDED, "end_ground": EndGround.DEATH}, "end_has_ground"),
            ({"applied_on": date(2024, 1, 16)}, "dates_in_order"),
            (
                {
                    "state": MembershipState.ENDED,
                    "end_ground": EndGround.RESIGNATION,
                    "ends_on": date(2024, 1, 14),
                },
                "dates_in_order",
            ),
            ({"state": MembershipState.REFUSED, "starts_on": None}, "refusal_says_why"),
        ],
    )
    def test_an_impossible_period_is_refused(self, values, name):
        member = MemberFactory()
        refused(f"members_membership_{name}", lambda: MembershipFactory(member=member, **values))

    def test_nobody_has_two_open_periods(self):
        member = MemberFactory()
        ended = {"state": MembershipState.ENDED, "ends_on": DAY, "end_ground": EndGround.RESIGNATION}
        MembershipFactory(member=member, **ended)
        MembershipFactory(member=member, **ended)
        refused_twice(Membership, "members_membership_one_open", lambda: MembershipFactory(member=member))
        with pytest.raises(IntegrityError), transaction.atomic():
            MembershipFactory(member=member, **self.APPLIED)

    @pytest.mark.parametrize(
        "values",
        [
            APPLIED,
            APPLIED | {"state": MembershipState.WITHDRAWN},
            {"state": MembershipState.REFUSED, "starts_on": None, "decision_note": "Hors du territoire"},
            {"state": MembershipState.ENDED, "ends_on": SINCE_2024, "end_ground": EndGround.DEATH},
        ],
    )
    def test_the_other_states_are_possible(self, values):
        assert MembershipFactory(**values).pk

    @pytest.mark.parametrize(
        ("values", "status"),
        [
            (None, MemberStatus.CONTACT),
            (APPLIED, MemberStatus.APPLICANT),
            (APPLIED | {"state": MembershipState.WITHDRAWN}, MemberStatus.CONTACT),
            ({"starts_on": LATER}, MemberStatus.COMING),
            ({}, MemberStatus.MEMBER),
            (
                {"state": MembershipState.ENDED, "ends_on": DAY, "end_ground": EndGround.DEATH},
                MemberStatus.FORMER,
            ),
            (
                {"state": MembershipState.ENDED, "ends_on": LATER, "end_ground": EndGround.DEATH},
                MemberStatus.MEMBER,
            ),
        ],
    )
    def test_what_somebody_is_on_a_day(self, values, status):
        member = MemberFactory()
        if values is not None:
            MembershipFactory(member=member, **values)

        assert Member.objects.with_status(DAY).get(pk=member.pk).status == status
        held = {MemberStatus.MEMBER, MemberStatus.SUSPENDED}
        assert Membership.objects.in_force(DAY).exists() == (status in held)


class TestSuspension:
    def make(self, membership=None, **values):
        defaults = {"starts_on": EARLIER, "reason": "Congé sabbatique", "recorded_at": RECORDED}
        return Suspension.objects.create(membership=membership or MembershipFactory(), **(defaults | values))

    def test_a_membership_is_suspended_once_at_a_time(self):
        membership = MembershipFactory()
        self.make(membership, ends_on=DAY)
        refused_twice(Suspension, "members_suspension_one_open", lambda: self.make(membership))

    def test_it_ends_after_it_began(self):
        refused("members_suspension_dates_in_order", lambda: self.make(ends_on=date(2024, 12, 31)))

    def test_it_says_why(self):
        refused("members_suspension_says_why", lambda: self.make(reason=""))

    def test_it_holds_until_the_eve_of_its_end(self):
        membership = MembershipFactory()
        self.make(membership, ends_on=LATER)

        def status(day):
            return Member.objects.with_status(day).get(pk=membership.member_id).status

        assert (status(DAY), status(LATER)) == (MemberStatus.SUSPENDED, MemberStatus.MEMBER)


class TestRemoval:
    DECIDED = {
        "invited_on": DAY,
        "outcome": RemovalOutcome.REMOVED,
        "decided_on": LATER,
        "decided_by": Body.BOARD,
        "decision_note": "Cotisation 2024 impayée",
    }

    def make(self, membership=None, **values):
        defaults = {
            "ground": RemovalGround.UNPAID_FEE,
            "facts": "Cotisation 2024",
            "opened_on": DAY,
            "recorded_at": RECORDED,
        }
        return Removal.objects.create(membership=membership or MembershipFactory(), **(defaults | values))

    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({"ground": "mood"}, "has_ground"),
            ({"facts": ""}, "has_ground"),
            ({"outcome": RemovalOutcome.DROPPED}, "decision_dated"),
            ({"outcome": RemovalOutcome.DROPPED, "decided_on": DAY}, "decision_dated"),
            ({"decided_on": DAY}, "decision_dated"),
            (DECIDED | {"invited_on": None}, "invited_before"),
            (DECIDED | {"decided_on": DAY, "invited_on": LATER}, "invited_before"),
            (DECIDED | {"decided_by": ""}, "invited_before"),
            ({"invited_on": EARLIER}, "dates_in_order"),
            ({"hearing_on": LATER}, "dates_in_order"),
            ({"invited_on": LATER, "hearing_on": DAY}, "dates_in_order"),
        ],
    )
    def test_an_impossible_procedure_is_refused(self, values, name):
        membership = MembershipFactory()
        refused(f"members_removal_{name}", lambda: self.make(membership, **values))

    def test_a_membership_has_one_procedure_at_a_time(self):
        membership = MembershipFactory()
        self.make(membership, outcome=RemovalOutcome.DROPPED, decided_on=DAY, decision_note="Payée")
        self.make(membership, outcome=RemovalOutcome.DROPPED, decided_on=DAY, decision_note="Payée")
        refused_twice(Removal, "members_removal_one_open", lambda: self.make(membership))

    def test_a_procedure_goes_to_its_end(self):
        assert self.make(hearing_on=LATER, **self.DECIDED).pk


class TestSavedView:
    def test_a_name_serves_once_for_its_author(self, cpts):
        owner = UserFactory()
        SavedView.objects.create(cpts=cpts, owner=UserFactory(), name="Médecins", created_at=RECORDED)
        refused_twice(
            SavedView,
            "members_savedview_name_once",
            lambda: SavedView.objects.create(cpts=cpts, owner=owner, name="Médecins", created_at=RECORDED),
        )

    def test_a_view_has_a_name(self, cpts):
        owner = UserFactory()
        refused(
            "members_savedview_has_name",
            lambda: SavedView.objects.create(cpts=cpts, owner=owner, name="", created_at=RECORDED),
        )


class TestProfessional:
    def test_somebody_is_counted_once_by_place_and_profession(self):
        edition = DirectoryEdition.objects.create(
            file_name="PS_LibreAcces.txt", published_on=DAY, started_at=datetime(2025, 3, 2, tzinfo=UTC)
        )

        def make(**values):
            defaults = {
                "edition": edition,
                "identifier": "810003456786",
                "last_name": "ESSAI",
                "profession": "60",
                "commune_code": "50218",
            }
            return Professional.objects.create(**(defaults | values))

        make(commune_code="50025")
        make(profession="10")
        refused_twice(Professional, "members_professional_once", make)


class TestStatutes:
    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({"ordinary_quorum": Decimal("1.001")}, "quorum_in_range"),
            ({"extraordinary_quorum": Decimal("-0.001")}, "quorum_in_range"),
            ({"board_quorum": Decimal(2)}, "quorum_in_range"),
            ({"ordinary_majority": Decimal("0.499")}, "majority_in_range"),
            ({"extraordinary_majority": Decimal("1.001")}, "majority_in_range"),
            ({"extraordinary_request_share": Decimal(0)}, "request_in_range"),
            ({"extraordinary_request_share": Decimal("1.001")}, "request_in_range"),
            ({"board_request_share": Decimal(0)}, "board_request_in_range"),
            ({"board_request_share": Decimal("1.001")}, "board_request_in_range"),
            ({"ordinary_month": 0}, "times_possible"),
            ({"ordinary_month": 13}, "times_possible"),
            ({"duration_years": 0}, "times_possible"),
            ({"board_terms_limit": 0}, "times_possible"),
            ({"board_seats": 1}, "board_possible"),
            ({"board_term_years": 0}, "board_possible"),
            ({"board_renewal_fractions": 0}, "board_possible"),
            ({"board_meeting_months": 0}, "board_possible"),
            ({"absences_before_resignation": 0}, "board_possible"),
        ],
    )
    def test_impossible_statutes_are_refused(self, cpts, values, name):
        refused(f"members_statutesversion_{name}", lambda: StatutesVersionFactory(cpts=cpts, **values))

    def test_a_version_is_never_rewritten(self, cpts):
        version = StatutesVersionFactory(cpts=cpts)
        for write in (
            lambda: StatutesVersion.objects.update(board_seats=20),
            lambda: StatutesVersion.objects.filter(pk=version.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                write()
        version.refresh_from_db()
        assert version.board_seats == 12

    def test_the_version_in_force_is_the_last_begun(self, cpts, other_cpts):
        first = StatutesVersionFactory(cpts=cpts, starts_on=EARLIER)
        second = StatutesVersionFactory(cpts=cpts, starts_on=LATER)
        StatutesVersionFactory(cpts=other_cpts, starts_on=DAY)

        found = [StatutesVersion.objects.in_force(cpts.pk, day) for day in (date(2024, 12, 31), DAY, LATER)]
        assert found == [None, first, second]

    def test_a_college_is_named_once(self, cpts, other_cpts):
        VotingCollegeFactory(cpts=other_cpts, name="Usagers")
        refused_twice(
            VotingCollege,
            "members_votingcollege_name_once",
            lambda: VotingCollegeFactory(cpts=cpts, name="Usagers"),
        )

    def test_a_college_is_once_in_a_version(self, cpts):
        version, college = StatutesVersionFactory(cpts=cpts), VotingCollegeFactory(cpts=cpts)
        refused_twice(
            StatutesCollege,
            "members_statutescollege_once",
            lambda: StatutesCollege.objects.create(version=version, college=college, name="A", position=1),
        )


def test_every_constraint_is_tried_here(read):
    """A constraint added to these tables gets its refusal above."""
    tried = read("tests/members/test_models.py")
    models = (Member, PracticePlace, Representative, Membership, Suspension, Removal, SavedView)
    names = [
        each.name
        for model in (*models, Professional, StatutesVersion, StatutesCollege, VotingCollege)
        for each in model._meta.constraints
    ]

    assert len(names) == 44
    assert [name for name in names if name.split("_", 2)[2] not in tried] == []
