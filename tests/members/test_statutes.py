"""Statutes recorded from a day on: nothing rewritten, nonsense refused, the same thing once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import RefusedError, StaleError
from core.audit.models import AuditEntry
from members.domain.colleges import add_college, archive_college, people_by_college, raise_college
from members.domain.statutes import (
    active_colleges,
    colleges_of,
    declare_before,
    differences,
    last_recorded,
    record_statutes,
    statutes_on,
    versions_of,
)
from members.domain.statutes_settings import SETTINGS
from members.enums import MembershipState, StatutesState
from members.models import StatutesCollege, StatutesVersion, VotingCollege
from tests.factories.members import (
    MemberFactory,
    MembershipFactory,
    StatutesVersionFactory,
    VotingCollegeFactory,
)
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST, SECOND = date(2021, 9, 1), date(2025, 4, 1)
DEFAULTS = {name: getattr(StatutesVersion(), name) for name in SETTINGS}


@pytest.fixture
def by(cpts):
    return Actor(role=Role.COORDINATOR, user_id=UserFactory().pk, cpts_id=cpts.pk)


@pytest.fixture
def write(cpts, by):
    def _write(starts_on=FIRST, adopted_on=None, seats=None, by=by, now=NOW, **values):
        seen = values.pop("seen", last_recorded(cpts.pk))
        return record_statutes(
            cpts,
            DEFAULTS | values,
            starts_on=starts_on,
            adopted_on=adopted_on,
            seats=seats or {},
            seen=seen,
            by=by,
            now=now,
        )

    return _write


def state():
    return list(StatutesVersion.objects.order_by("pk").values()), AuditEntry.objects.count()


class TestRecording:
    def test_a_first_version_is_told_once(self, write, cpts):
        made = write(adopted_on=FIRST, board_seats=9)

        assert (made.starts_on, made.adopted_on, made.board_seats, made.recorded_at) == (FIRST, FIRST, 9, NOW)
        (entry,) = AuditEntry.objects.about(made)
        assert entry.action == "members.statutes_recorded"
        assert entry.changes["board_seats"] == [None, 9]
        assert entry.chain == f"cpts-{cpts.pk}"

    def test_a_change_tells_what_differs_and_rewrites_nothing(self, write, cpts):
        first = write()
        before = StatutesVersion.objects.filter(pk=first.pk).values().get()
        second = write(SECOND, ordinary_quorum=Decimal("0.25"))

        assert StatutesVersion.objects.filter(pk=first.pk).values().get() == before
        entry = AuditEntry.objects.about(second).get()
        assert entry.changes == {
            "starts_on": ["2021-09-01", "2025-04-01"],
            "ordinary_quorum": ["0.000", "0.250"],
        }
        held = [statutes_on(cpts.pk, day) for day in (date(2025, 3, 31), SECOND)]
        assert held == [first, second]

    def test_before_the_first_version_the_model_holds(self, write, cpts):
        write()
        found = statutes_on(cpts.pk, date(2021, 8, 31))
        assert (found.pk, found.ordinary_notice_days, found.board_seats) == (None, 15, 12)

    def test_what_holds_already_writes_nothing(self, write):
        first = write(adopted_on=FIRST)
        before = state()

        assert write(adopted_on=FIRST) == first
        assert write(SECOND) == first
        assert write(adopted_on=FIRST, seen=None) == first
        assert state() == before

    def test_another_adoption_for_the_same_day_is_a_correction(self, write, cpts):
        first, second = write(adopted_on=FIRST), write(adopted_on=date(2021, 8, 30))

        assert statutes_on(cpts.pk, FIRST) == second != first
        states = {each.version: each.state for each in versions_of(cpts.pk, NOW.date())}
        assert states == {first: StatutesState.REPLACED, second: StatutesState.CURRENT}

    def test_older_statutes_are_recorded_after_those_of_today(self, write, cpts):
        present = write(SECOND, board_seats=9)
        older = write(FIRST, board_seats=6)

        assert statutes_on(cpts.pk, NOW.date()) == present
        assert statutes_on(cpts.pk, date(2024, 1, 1)) == older
        dated = [(each.version, each.state, each.ends_on) for each in versions_of(cpts.pk, NOW.date())]
        assert dated == [(present, "current", None), (older, "past", SECOND)]

    def test_statutes_to_come_do_not_hold_yet(self, write, cpts):
        first, coming = write(), write(date(2026, 9, 1), board_seats=9)
        states = {each.version: each.state for each in versions_of(cpts.pk, NOW.date())}
        assert states == {coming: StatutesState.COMING, first: StatutesState.CURRENT}

    def test_what_somebody_else_recorded_is_not_ignored(self, write):
        write()
        before = state()
        with pytest.raises(StaleError):
            write(SECOND, seen=None, board_seats=9)
        assert state() == before

    def test_who_may_not_edit_is_refused(self, write, cpts):
        for role in (Role.MEMBER, Role.TREASURER):
            with pytest.raises(RefusedError):
                write(by=Actor(role=role, user_id=UserFactory().pk, cpts_id=cpts.pk))
        assert not StatutesVersion.objects.exists()

    def test_the_bureau_may(self, write, cpts):
        assert write(by=Actor(role=Role.BOARD, user_id=UserFactory().pk, cpts_id=cpts.pk)).pk


class TestRefusals:
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"board_renewal_fractions": 3}, "board_renewal_fractions"),
            ({"board_term_years": 3, "board_renewal_fractions": 2}, "board_renewal_fractions"),
            (
                {"board_seats": 2, "board_term_years": 3, "board_renewal_fractions": 3},
                "board_renewal_fractions",
            ),
            ({"removal_body": "nobody"}, "removal_body"),
            ({"seat_transfer_body": "nobody"}, "seat_transfer_body"),
            ({"admission_body": "inconnu"}, "admission_body"),
            ({"votes_by_college": True}, "votes_by_college"),
            ({"starts_on": date(1901, 6, 30)}, "starts_on"),
            ({"starts_on": date(2027, 3, 5)}, "starts_on"),
            ({"adopted_on": date(2026, 3, 3)}, "adopted_on"),
            ({"adopted_on": date(2021, 9, 2)}, "starts_on"),
        ],
    )
    def test_nonsense_is_refused_by_field(self, write, values, field):
        before = state()
        with pytest.raises(ValidationError) as refusal:
            write(**values)
        assert list(refusal.value.message_dict) == [field]
        assert state() == before

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"ordinary_majority": Decimal("0.4")}, "Une majorité va de la moitié à l’unanimité."),
            ({"ordinary_quorum": Decimal(2)}, "Un quorum va de 0 à 100\u00a0%."),
            (
                {"extraordinary_request_share": Decimal(2)},
                "Une part des membres va de plus de 0 à 100\u00a0%.",
            ),
            ({"board_request_share": Decimal(0)}, "Une part du conseil va de plus de 0 à 100\u00a0%."),
        ],
    )
    def test_what_the_database_refuses_is_said_in_french(self, write, values, message):
        with pytest.raises(ValidationError) as refusal:
            write(**values)
        assert refusal.value.messages == [message]
        assert not StatutesVersion.objects.exists()

    @pytest.mark.parametrize(
        ("seats", "works"), [((6, 6), True), ((7, None), True), ((7, 6), False), ((5, 6), False)]
    )
    def test_the_seats_of_colleges_are_those_of_the_board(self, write, cpts, seats, works):
        colleges = [VotingCollegeFactory(cpts=cpts, position=rank) for rank in (1, 2)]
        given = {college.pk: count for college, count in zip(colleges, seats, strict=True)}
        if works:
            made = write(seats=given, votes_by_college=True)
            assert [each.seats for each in colleges_of(made)] == list(seats)
            return
        with pytest.raises(ValidationError) as refusal:
            write(seats=given)
        assert list(refusal.value.message_dict) == ["board_seats"]
        assert not StatutesCollege.objects.exists()


class TestDeclaration:
    def test_a_change_is_declared_within_three_months(self, write):
        first = write(adopted_on=FIRST)
        second = write(SECOND, adopted_on=date(2024, 11, 30), board_seats=9)
        both = [first, second]

        assert declare_before(second, both) == date(2025, 2, 28)
        assert declare_before(first, both) is None

    def test_nothing_is_asked_without_a_date_nor_under_local_law(self, write):
        first, second = write(), write(SECOND, board_seats=9)
        third = write(date(2026, 1, 1), adopted_on=date(2025, 12, 1), board_seats=8)
        every = [first, second, third]
        assert declare_before(second, every) is None
        assert declare_before(third, every) == date(2026, 3, 1)
        third.cpts.departement_code = "67"
        assert declare_before(third, every) is None


class TestColleges:
    def test_a_college_is_added_at_the_end_and_told(self, cpts, by):
        VotingCollegeFactory(cpts=cpts, name="Libéraux")
        made = add_college(cpts, "  Usagers   et partenaires ", by=by, now=NOW)

        assert [str(each) for each in active_colleges(cpts.pk)] == ["Libéraux", "Usagers et partenaires"]
        assert AuditEntry.objects.about(made).get().action == "members.college_added"
        assert add_college(cpts, "Usagers et partenaires", by=by, now=NOW) == made
        assert AuditEntry.objects.about(made).count() == 1

    def test_a_name_is_not_taken_twice(self, cpts, by):
        VotingCollegeFactory(cpts=cpts, name="Usagers")
        with pytest.raises(ValidationError, match="Un collège porte déjà ce nom"):
            add_college(cpts, "usagers", by=by, now=NOW)
        assert VotingCollege.objects.count() == 1

    def test_there_are_twelve_at_most(self, cpts, by):
        for rank in range(12):
            add_college(cpts, f"Collège {rank}", by=by, now=NOW)
        with pytest.raises(ValidationError, match="12"):
            add_college(cpts, "De trop", by=by, now=NOW)

    def test_a_college_rises_one_rank(self, cpts, by):
        first, second, third = (add_college(cpts, name, by=by, now=NOW) for name in ("Un", "Deux", "Trois"))
        raise_college(third, seen=3, by=by, now=NOW)
        raise_college(third, seen=3, by=by, now=NOW)
        raise_college(first, seen=1, by=by, now=NOW)

        assert active_colleges(cpts.pk) == [first, third, second]
        assert AuditEntry.objects.filter(action="members.college_raised").count() == 1

    def test_a_college_with_members_stays(self, cpts, by):
        college = VotingCollegeFactory(cpts=cpts, name="Usagers")
        MembershipFactory(member__cpts=cpts, college=college)
        MembershipFactory(
            member__cpts=cpts, college=college, state=MembershipState.APPLIED,
            decided_on=None, decided_by="", starts_on=None,
        )  # fmt: skip
        with pytest.raises(ValidationError, match=r"2.*membres ou demandes en cours"):
            archive_college(college, by=by, now=NOW)
        college.refresh_from_db()
        assert college.archived_at is None
        assert people_by_college(cpts.pk, NOW.date()) == {college.pk: 2}

    def test_one_that_nobody_is_in_leaves_and_comes_back(self, cpts, by):
        college = VotingCollegeFactory(cpts=cpts, name="Usagers")
        MembershipFactory(
            member=MemberFactory(cpts=cpts), college=college, state=MembershipState.ENDED,
            ends_on=date(2026, 3, 2), end_ground="resignation",
        )  # fmt: skip
        archive_college(college, by=by, now=NOW)
        archive_college(college, by=by, now=NOW)
        assert active_colleges(cpts.pk) == []
        assert AuditEntry.objects.about(college).count() == 1
        assert add_college(cpts, "Usagers", by=by, now=NOW) == college
        assert active_colleges(cpts.pk) == [college]

    def test_a_version_keeps_its_colleges(self, write, cpts, by):
        college = add_college(cpts, "Usagers", by=by, now=NOW)
        first = write(seats={college.pk: 12})
        archive_college(college, by=by, now=NOW)
        second = write(SECOND)

        assert [(each.name, each.seats) for each in colleges_of(first)] == [("Usagers", 12)]
        assert colleges_of(second) == []
        told = differences((first, colleges_of(first)), (second, colleges_of(second)))
        assert told == [("Collèges", "Usagers (12 au conseil)", "aucun")]
        assert AuditEntry.objects.about(second).get().changes["colleges"] == ["Usagers (12 au conseil)", ""]

    def test_others_are_refused(self, cpts):
        college = VotingCollegeFactory(cpts=cpts)
        by = Actor(role=Role.TREASURER, user_id=UserFactory().pk, cpts_id=cpts.pk)
        for attempt in (
            lambda: add_college(cpts, "Usagers", by=by, now=NOW),
            lambda: raise_college(college, seen=1, by=by, now=NOW),
            lambda: archive_college(college, by=by, now=NOW),
        ):
            with pytest.raises(RefusedError):
                attempt()
        assert AuditEntry.objects.count() == 0


def test_statutes_of_others_do_not_hold_here(cpts, other_cpts):
    StatutesVersionFactory(cpts=other_cpts, board_seats=9)
    assert statutes_on(cpts.pk, NOW.date()).pk is None
    assert versions_of(cpts.pk, NOW.date()) == []
