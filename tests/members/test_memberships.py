"""Applying, deciding, ending, changing, suspending, coming back: each dated, none written over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import RefusedError, StaleError
from core.audit.models import AuditEntry
from members.domain.memberships import (
    Decision,
    PeriodsError,
    apply_for_membership,
    change_category,
    decide,
    end_membership,
    record_membership,
    withdraw,
    write_periods,
)
from members.domain.periods import PeriodValues, faults_of
from members.domain.removals import open_removal
from members.domain.statutes import statutes_on
from members.domain.suspensions import lift, suspend
from members.domain.workflow import MovedError
from members.enums import Body, EndGround, MemberCategory, MembershipSource, MembershipState, MemberStatus
from members.models import Member, Membership, StatutesVersion, Suspension
from tests.factories.members import (
    MemberFactory,
    MembershipFactory,
    StatutesVersionFactory,
    StructureFactory,
    VotingCollegeFactory,
)
from tests.factories.people import CptsFactory, assign

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
FEBRUARY = date(2026, 2, 2)
HISTORY = MembershipSource.COORDINATION


@pytest.fixture
def member(cpts):
    return MemberFactory(cpts=cpts, last_name="Essai", first_name="Camille")


@pytest.fixture
def by(cpts):
    held = assign(Role.COORDINATOR, cpts)
    return Actor(role=Role.COORDINATOR, user_id=held.user_id, cpts_id=cpts.pk)


def entries():
    return list(AuditEntry.objects.filter(action__startswith="members.").values_list("action", flat=True))


def applied(member, by, **values):
    return apply_for_membership(member, **({"applied_on": FEBRUARY, "by": by, "now": NOW} | values))


def admitted(member, starts_on=FEBRUARY, **values):
    return MembershipFactory(
        member=member, applied_on=starts_on, decided_on=starts_on, starts_on=starts_on, **values
    )


def status_of(member, day=TODAY):
    return Member.objects.with_status(day).get(pk=member.pk).status


def admission(**values):
    return Decision(is_admission=True, **({"decided_on": TODAY, "starts_on": TODAY} | values))


def refusal(**values):
    return Decision(is_admission=False, **({"decided_on": TODAY, "note": "Hors du territoire"} | values))


def refused(call, **expected):
    """Check that a verb refuses, in these words by field, and that nothing was written."""
    before = list(Membership.objects.order_by("pk").values()), entries()
    with pytest.raises(ValidationError) as fault:
        call()
    told = fault.value.message_dict if hasattr(fault.value, "error_dict") else {"whole": fault.value.messages}
    assert told == {name: [words] for name, words in expected.items()}
    assert (list(Membership.objects.order_by("pk").values()), entries()) == before


class TestStatutesOn:
    def test_before_any_the_model_s_defaults_hold(self, cpts):
        statutes = statutes_on(cpts.pk, TODAY)

        assert (statutes.pk, statutes.cpts_id, statutes.starts_on) == (None, cpts.pk, TODAY)
        assert (statutes.admission_body, statutes.removal_body) == (Body.BOARD, Body.BOARD)
        assert StatutesVersion.objects.count() == 0

    def test_the_version_of_the_day_is_given(self, cpts):
        first = StatutesVersionFactory(cpts=cpts, starts_on=date(2023, 1, 1))
        second = StatutesVersionFactory(cpts=cpts, starts_on=date(2025, 1, 1))
        StatutesVersionFactory(starts_on=date(2024, 1, 1))

        assert statutes_on(cpts.pk, date(2024, 12, 31)) == first
        assert statutes_on(cpts.pk, date(2025, 1, 1)) == second


class TestApplying:
    def test_an_application_waits(self, member, by):
        membership = applied(member, by, category=MemberCategory.BENEFACTOR)

        member.refresh_from_db()
        assert member.last_membership == membership
        assert (membership.state, membership.source) == (MembershipState.APPLIED, HISTORY)
        assert (membership.decided_on, membership.starts_on) == (None, None)
        assert status_of(member) == MemberStatus.APPLICANT
        entry = AuditEntry.objects.get(action="members.membership_applied")
        assert (entry.target_type, entry.target_id) == ("members.membership", str(membership.pk))

    def test_again_it_is_the_same(self, member, by):
        assert applied(member, by) == applied(member, by, category=MemberCategory.HONORARY)
        assert entries() == ["members.membership_applied"]

    def test_a_member_does_not_apply(self, member, by):
        admitted(member)

        refused(lambda: applied(member, by), whole="Camille Essai est déjà membre depuis le 2 février 2026.")

    def test_who_is_a_member_for_a_while_yet_does_not_apply(self, member, by):
        admitted(member, state="ended", ends_on=date(2026, 12, 31), end_ground="resignation")

        refused(
            lambda: applied(member, by, applied_on=TODAY),
            whole="Camille Essai a déjà été membre du 2 février 2026 au 31 décembre 2026\u00a0: "
            "les périodes ne se chevauchent pas.",
        )

    def test_a_former_member_applies_again(self, member, by):
        former = admitted(member, state="ended", ends_on=TODAY, end_ground="resignation")

        again = applied(member, by, applied_on=TODAY)

        member.refresh_from_db()
        assert again != former
        assert member.last_membership == again
        assert status_of(member) == MemberStatus.APPLICANT

    def test_a_date_to_come_is_refused(self, member, by):
        refused(
            lambda: applied(member, by, applied_on=TODAY + timedelta(days=1)),
            applied_on="Cette date est à venir.",
        )

    def test_a_mistyped_year_is_refused(self, member, by):
        refused(
            lambda: applied(member, by, applied_on=date(202, 3, 1)),
            applied_on="Vérifiez l’année de cette date.",
        )

    def test_the_college_is_one_of_the_association(self, member, by):
        college = VotingCollegeFactory()

        refused(
            lambda: applied(member, by, college=college),
            college="Choisissez un collège des statuts de la CPTS.",
        )

    def test_an_anonymised_entry_has_no_application(self, member, by):
        Member.objects.update(anonymised_at=NOW)

        refused(
            lambda: applied(member, by),
            whole="Cette inscription a été fusionnée ou anonymisée\u00a0: rien ne s’y ajoute.",
        )

    def test_where_nobody_decides_who_accepts_the_statutes_is_in(self, member, by):
        StatutesVersionFactory(cpts=member.cpts, admission_body=Body.NOBODY)

        membership = applied(member, by, statutes_accepted_at=NOW)

        assert (membership.state, membership.decided_by) == (MembershipState.ADMITTED, Body.NOBODY)
        assert membership.starts_on == membership.decided_on == FEBRUARY
        assert status_of(member) == MemberStatus.MEMBER
        assert entries() == ["members.membership_applied"]

    @pytest.mark.parametrize(
        "values", [{}, {"statutes_accepted_at": NOW, "typed": {"email": "autre@example.org"}}]
    )
    def test_not_without_the_statutes_nor_when_somebody_known_says_otherwise(self, member, by, values):
        StatutesVersionFactory(cpts=member.cpts, admission_body=Body.NOBODY)

        assert applied(member, by, **values).state == MembershipState.APPLIED


class TestWithdrawing:
    def test_it_is_noted_once(self, member, by):
        membership = applied(member, by, typed={"email": "autre@example.org"})

        for _ in range(2):
            withdraw(membership, note="  Départ\n en retraite ", by=by, now=NOW)

        membership.refresh_from_db()
        assert (membership.state, membership.end_note) == (MembershipState.WITHDRAWN, "Départ en retraite")
        assert membership.typed == {}
        assert status_of(member) == MemberStatus.CONTACT
        assert entries() == ["members.membership_applied", "members.membership_withdrawn"]

    def test_a_former_member_stays_one(self, member, by):
        former = admitted(member, state="ended", ends_on=TODAY, end_ground="resignation")
        withdraw(applied(member, by, applied_on=TODAY), by=by, now=NOW)

        member.refresh_from_db()
        assert member.last_membership == former
        assert status_of(member) == MemberStatus.FORMER

    def test_what_was_decided_is_not_withdrawn(self, member, by):
        membership = admitted(member)

        with pytest.raises(MovedError, match="Camille Essai\u00a0: l’adhésion est admise entre-temps"):
            withdraw(membership, by=by, now=NOW)

        assert entries() == []


class TestDeciding:
    def test_an_admission_says_who_when_and_from_when(self, member, by):
        StatutesVersionFactory(cpts=member.cpts, admission_body=Body.BUREAU)
        StatutesVersionFactory(
            cpts=member.cpts, admission_body=Body.GENERAL_ASSEMBLY, starts_on=date(2026, 3, 1)
        )
        college = VotingCollegeFactory(cpts=member.cpts)
        membership = applied(member, by)

        decision = admission(
            decided_on=date(2026, 2, 10),
            starts_on=date(2026, 4, 1),
            category=MemberCategory.HONORARY,
            college=college,
            note="PV du 10 février",
        )
        decide(member.cpts, [membership.pk], decision, by=by, now=NOW)

        membership.refresh_from_db()
        assert (membership.state, membership.category, membership.college) == (
            MembershipState.ADMITTED,
            MemberCategory.HONORARY,
            college,
        )
        assert (membership.decided_on, membership.decided_by) == (date(2026, 2, 10), Body.BUREAU)
        assert membership.starts_on == date(2026, 4, 1)
        assert status_of(member) == MemberStatus.COMING
        assert status_of(member, date(2026, 4, 1)) == MemberStatus.MEMBER

    def test_several_are_decided_as_one(self, cpts, by):
        waiting = [applied(MemberFactory(cpts=cpts), by) for _ in range(3)]

        decided = decide(cpts, [each.pk for each in waiting[:2]], admission(), by=by, now=NOW)

        assert {each.pk for each in decided} == {each.pk for each in waiting[:2]}
        states = list(Membership.objects.order_by("pk").values_list("state", flat=True))
        assert states == ["admitted", "admitted", "applied"]
        assert entries().count("members.membership_admitted") == 2

    def test_the_same_decision_again_writes_nothing(self, member, by):
        membership = applied(member, by)
        for _ in range(2):
            decide(member.cpts, [membership.pk], admission(), by=by, now=NOW)

        assert entries() == ["members.membership_applied", "members.membership_admitted"]

    @pytest.mark.parametrize("second", [admission(starts_on=FEBRUARY), refusal()])
    def test_another_decision_finds_that_somebody_decided(self, member, by, second):
        membership = applied(member, by)
        decide(member.cpts, [membership.pk], admission(), by=by, now=NOW)

        with pytest.raises(StaleError, match="l’adhésion est admise entre-temps"):
            decide(member.cpts, [membership.pk], second, by=by, now=NOW)

        membership.refresh_from_db()
        assert (membership.state, membership.starts_on) == ("admitted", TODAY)

    def test_one_that_moved_keeps_all_from_being_decided(self, cpts, by):
        first, second = (applied(MemberFactory(cpts=cpts), by) for _ in range(2))
        withdraw(first, by=by, now=NOW)

        with pytest.raises(StaleError, match="la demande a été retirée"):
            decide(cpts, [first.pk, second.pk], admission(), by=by, now=NOW)

        second.refresh_from_db()
        assert second.state == MembershipState.APPLIED

    def test_a_refusal_says_why_and_leaves_what_the_person_was(self, member, by):
        former = admitted(
            member, date(2025, 1, 1), state="ended", ends_on=date(2025, 6, 1), end_ground="resignation"
        )
        membership = applied(member, by, typed={"email": "autre@example.org"})

        decide(member.cpts, [membership.pk], refusal(), by=by, now=NOW)

        membership.refresh_from_db()
        member.refresh_from_db()
        assert (membership.state, membership.decision_note) == ("refused", "Hors du territoire")
        assert (membership.starts_on, membership.typed) == (None, {})
        assert member.last_membership == former
        assert status_of(member) == MemberStatus.FORMER

    def test_a_refusal_without_reason_is_refused(self, member, by):
        membership = applied(member, by)

        refused(
            lambda: decide(member.cpts, [membership.pk], refusal(note=" "), by=by, now=NOW),
            decision_note="Dites pourquoi la demande est refusée.",
        )

    @pytest.mark.parametrize(("values", "field", "words"), [
        ({"decided_on": date(2026, 3, 3)}, "decided_on", "Cette date est à venir."),
        ({"decided_on": date(2026, 2, 1)}, "decided_on",
         "Camille Essai a demandé le 2 février 2026\u00a0: la décision vient après."),
        ({"starts_on": date(2026, 2, 1)}, "starts_on",
         "Camille Essai a demandé le 2 février 2026\u00a0: l’effet vient après."),
        ({"starts_on": None}, "starts_on", "Donnez la date d’effet de l’admission."),
        ({"starts_on": date(2206, 1, 1)}, "starts_on", "Vérifiez l’année de cette date."),
    ])  # fmt: skip
    def test_days_follow_each_other(self, member, by, values, field, words):
        membership = applied(member, by)

        call = lambda: decide(member.cpts, [membership.pk], admission(**values), by=by, now=NOW)  # noqa: E731
        refused(call, **{field: words})

    def test_an_admission_does_not_overlap_a_former_membership(self, member, by):
        membership = applied(member, by)
        admitted(member, date(2025, 1, 1), state="ended", ends_on=date(2026, 3, 10), end_ground="resignation")

        refused(
            lambda: decide(member.cpts, [membership.pk], admission(), by=by, now=NOW),
            starts_on="Camille Essai a déjà été membre du 1er janvier 2025 au 10 mars 2026\u00a0: "
            "les périodes ne se chevauchent pas.",
        )

    def test_on_the_day_the_former_one_ended_it_may_begin(self, member, by):
        admitted(member, date(2025, 1, 1), state="ended", ends_on=FEBRUARY, end_ground="resignation")
        membership = applied(member, by)

        decide(member.cpts, [membership.pk], admission(starts_on=FEBRUARY), by=by, now=NOW)

        assert status_of(member, FEBRUARY) == MemberStatus.MEMBER

    def test_those_of_another_cpts_do_not_exist(self, member, by):
        other = MembershipFactory(state="applied", decided_on=None, decided_by="", starts_on=None)

        with pytest.raises(Membership.DoesNotExist):
            decide(member.cpts, [other.pk], admission(), by=by, now=NOW)

    def test_the_treasurer_decides_nothing(self, member, by):
        membership = applied(member, by)
        treasurer = Actor(role=Role.TREASURER, cpts_id=member.cpts_id)

        with pytest.raises(RefusedError):
            decide(member.cpts, [membership.pk], admission(), by=treasurer, now=NOW)


class TestEnding:
    def end(self, membership, by, **values):
        given = {"ground": EndGround.RESIGNATION, "ends_on": TODAY, "note": "Lettre du 2 mars"} | values
        return end_membership(
            membership, given["ground"], given["ends_on"], note=given["note"], by=by, now=NOW
        )

    def test_it_ends_once_on_its_day(self, member, by):
        membership = admitted(member)
        for _ in range(2):
            self.end(membership, by)

        membership.refresh_from_db()
        assert (membership.state, membership.ends_on, membership.end_ground, membership.end_note) == (
            "ended", TODAY, "resignation", "Lettre du 2 mars",
        )  # fmt: skip
        assert status_of(member, date(2026, 3, 1)) == MemberStatus.MEMBER
        assert status_of(member) == MemberStatus.FORMER
        assert entries() == ["members.membership_ended"]

    def test_another_end_finds_that_it_ended(self, member, by):
        membership = admitted(member)
        self.end(membership, by)

        with pytest.raises(StaleError, match="l’adhésion est terminée"):
            self.end(membership, by, ground=EndGround.DEATH)

    def test_its_suspension_ends_with_it_and_a_procedure_is_dropped(self, member, by):
        membership = admitted(member)
        suspend(membership, date(2026, 2, 10), "Absence", by=by, now=NOW)
        removal = open_removal(membership, "serious", "Faits", TODAY, by=by, now=NOW)

        self.end(membership, by)

        removal.refresh_from_db()
        assert Suspension.objects.get().ends_on == TODAY
        assert (removal.outcome, removal.decided_on) == ("dropped", TODAY)
        assert removal.decision_note == "Sans objet\u00a0: l’adhésion s’est terminée."
        assert entries()[-1] == "members.membership_ended"
        assert len(entries()) == 3

    @pytest.mark.parametrize(("values", "field", "words"), [
        ({"ground": "removal"}, "end_ground", "Une radiation passe par sa procédure."),
        ({"ground": "change"}, "end_ground", "Une radiation passe par sa procédure."),
        ({"ground": "dissolution"}, "end_ground", "Choisissez un motif possible pour cette personne."),
        ({"ground": "inconnu"}, "end_ground", "Choisissez un motif possible pour cette personne."),
        ({"ends_on": date(2026, 2, 1)}, "ends_on",
         "L’adhésion a commencé le 2 février 2026\u00a0: elle finit après."),
        ({"ends_on": date(9999, 1, 1)}, "ends_on", "Vérifiez l’année de cette date."),
    ])  # fmt: skip
    def test_what_cannot_end_it_so_is_refused(self, member, by, values, field, words):
        membership = admitted(member)

        refused(lambda: self.end(membership, by, **values), **{field: words})

    def test_a_structure_does_not_die_it_is_dissolved(self, cpts, by):
        membership = admitted(StructureFactory(cpts=cpts))

        refused(
            lambda: self.end(membership, by, ground=EndGround.DEATH),
            end_ground="Choisissez un motif possible pour cette personne.",
        )
        assert self.end(membership, by, ground=EndGround.DISSOLUTION).state == "ended"


class TestChanging:
    def change(self, membership, by, category=MemberCategory.HONORARY, college=None, day=TODAY):
        return change_category(membership, category, college, day, note="AG du 2 mars", by=by, now=NOW)

    def test_one_period_ends_and_the_next_begins_that_day(self, member, by):
        membership = admitted(member)

        new = self.change(membership, by)

        membership.refresh_from_db()
        member.refresh_from_db()
        assert (membership.state, membership.ends_on, membership.end_ground) == ("ended", TODAY, "change")
        assert (membership.category, new.category) == ("active", "honorary")
        assert (new.state, new.starts_on, new.source) == ("admitted", TODAY, "change")
        assert member.last_membership == new
        assert entries() == ["members.membership_changed"]
        assert Membership.objects.in_force(date(2026, 3, 1)).get() == membership
        assert Membership.objects.in_force(TODAY).get() == new

    def test_again_it_is_the_same_period(self, member, by):
        membership = admitted(member)

        assert self.change(membership, by) == self.change(membership, by)
        assert entries() == ["members.membership_changed"]

    def test_another_change_finds_that_it_changed(self, member, by):
        membership = admitted(member)
        self.change(membership, by)

        with pytest.raises(StaleError):
            self.change(membership, by, category=MemberCategory.BENEFACTOR)

    @pytest.mark.parametrize(("values", "field", "words"), [
        ({"category": "active"}, "category", "Choisissez une autre catégorie, ou un autre collège."),
        ({"category": "inconnue"}, "category", "Cette catégorie est inconnue."),
        ({"day": date(2026, 2, 1)}, "day",
         "Cette période a commencé le 2 février 2026\u00a0: donnez une date suivante."),
        ({"day": date(2026, 3, 3)}, "day", "Cette date est à venir."),
    ])  # fmt: skip
    def test_what_is_no_change_is_refused(self, member, by, values, field, words):
        membership = admitted(member)

        refused(lambda: self.change(membership, by, **values), **{field: words})

    def test_a_suspended_member_does_not_change(self, member, by):
        membership = admitted(member)
        suspend(membership, TODAY, "Absence", by=by, now=NOW)

        refused(lambda: self.change(membership, by), whole="Levez d’abord la suspension.")

    def test_nor_one_against_whom_a_procedure_is_open(self, member, by):
        membership = admitted(member)
        open_removal(membership, "serious", "Faits", TODAY, by=by, now=NOW)

        words = "Une procédure de radiation est ouverte\u00a0: terminez-la d’abord."
        refused(lambda: self.change(membership, by), whole=words)


class TestSuspending:
    def test_it_holds_from_a_day_to_another(self, member, by):
        membership = admitted(member)
        for _ in range(2):
            suspend(membership, date(2026, 2, 10), " Absence  longue ", by=by, now=NOW)
        assert status_of(member, date(2026, 2, 9)) == MemberStatus.MEMBER
        assert status_of(member, date(2026, 2, 10)) == MemberStatus.SUSPENDED

        for _ in range(2):
            lift(membership, date(2026, 2, 20), by=by, now=NOW)

        assert status_of(member, date(2026, 2, 19)) == MemberStatus.SUSPENDED
        assert status_of(member, date(2026, 2, 20)) == MemberStatus.MEMBER
        assert Suspension.objects.get().reason == "Absence longue"
        assert entries() == ["members.membership_suspended", "members.suspension_lifted"]

    def test_another_one_meanwhile_is_told(self, member, by):
        membership = admitted(member)
        suspend(membership, FEBRUARY, "Absence", by=by, now=NOW)

        with pytest.raises(StaleError, match="Camille Essai est suspendu depuis le 2 février 2026"):
            suspend(membership, TODAY, "Autre", by=by, now=NOW)

    def test_what_is_not_suspended_is_not_lifted(self, member, by):
        membership = admitted(member)
        with pytest.raises(StaleError, match="n’est plus suspendu"):
            lift(membership, TODAY, by=by, now=NOW)
        suspend(membership, FEBRUARY, "Absence", by=by, now=NOW)
        lift(membership, TODAY, by=by, now=NOW)
        with pytest.raises(StaleError, match="n’est plus suspendu"):
            lift(membership, date(2026, 3, 1), by=by, now=NOW)

    def test_who_is_no_member_is_not_suspended(self, member, by):
        with pytest.raises(MovedError):
            suspend(applied(member, by), TODAY, "Absence", by=by, now=NOW)

    @pytest.mark.parametrize("role", [Role.TREASURER, Role.MEMBER])
    def test_those_who_decide_suspend_and_lift(self, member, by, role):
        membership = admitted(member)
        suspend(membership, FEBRUARY, "Absence", by=by, now=NOW)
        other = Actor(role=role, cpts_id=member.cpts_id)

        with pytest.raises(RefusedError):
            suspend(membership, TODAY, "Absence", by=other, now=NOW)
        with pytest.raises(RefusedError):
            lift(membership, TODAY, by=other, now=NOW)

    @pytest.mark.parametrize(("day", "reason", "field", "words"), [
        (date(2026, 2, 1), "Absence", "starts_on",
         "L’adhésion a commencé le 2 février 2026\u00a0: pas avant."),
        (TODAY, "  ", "reason", "Dites pourquoi l’adhésion est suspendue."),
        (date(1, 1, 1), "Absence", "starts_on", "Vérifiez l’année de cette date."),
    ])  # fmt: skip
    def test_it_says_why_and_from_when(self, member, by, day, reason, field, words):
        membership = admitted(member)

        refused(lambda: suspend(membership, day, reason, by=by, now=NOW), **{field: words})

    def test_two_suspensions_do_not_overlap(self, member, by):
        membership = admitted(member)
        suspend(membership, date(2026, 2, 10), "Absence", by=by, now=NOW)
        lift(membership, date(2026, 2, 20), by=by, now=NOW)

        refused(
            lambda: suspend(membership, date(2026, 2, 19), "Encore", by=by, now=NOW),
            starts_on="Une suspension a duré jusqu’au 20 février 2026\u00a0: pas avant.",
        )

    def test_it_does_not_end_before_it_began(self, member, by):
        membership = admitted(member)
        suspend(membership, TODAY, "Absence", by=by, now=NOW)

        refused(
            lambda: lift(membership, date(2026, 3, 1), by=by, now=NOW),
            ends_on="La suspension a commencé le 2 mars 2026\u00a0: elle finit après.",
        )


class TestRecording:
    def test_a_membership_of_old_is_written_as_the_papers_say(self, member, by):
        StatutesVersionFactory(cpts=member.cpts, starts_on=date(2020, 1, 1), admission_body=Body.BUREAU)
        values = PeriodValues(date(2021, 3, 1), ends_on=date(2023, 5, 1), end_ground="resignation")
        for _ in range(2):
            membership = record_membership(member, values, source=HISTORY, by=by, now=NOW)

        membership.refresh_from_db()
        assert (membership.state, membership.decided_by) == ("ended", Body.BUREAU)
        assert membership.applied_on == membership.decided_on == membership.starts_on == date(2021, 3, 1)
        assert status_of(member, date(2022, 1, 1)) == MemberStatus.MEMBER
        assert status_of(member) == MemberStatus.FORMER
        assert entries() == ["members.membership_recorded"]

    def test_an_older_one_does_not_take_the_place_of_the_present_one(self, member, by):
        present = admitted(member)
        record_membership(
            member,
            PeriodValues(date(2019, 1, 1), ends_on=date(2020, 1, 1), end_ground="resignation"),
            source=HISTORY, by=by, now=NOW,
        )  # fmt: skip

        member.refresh_from_db()
        assert member.last_membership == present

    def test_one_to_come_was_decided_already(self, member, by):
        membership = record_membership(member, PeriodValues(date(2026, 6, 1)), source=HISTORY, by=by, now=NOW)

        assert (membership.applied_on, membership.decided_on) == (TODAY, TODAY)
        assert status_of(member) == MemberStatus.COMING

    @pytest.mark.parametrize(("values", "field", "words"), [
        (PeriodValues(date(2026, 1, 1), ends_on=date(2025, 1, 1), end_ground="resignation"), "ends_on",
         "L’adhésion ne finit pas avant d’avoir commencé."),
        (PeriodValues(FEBRUARY, ends_on=TODAY), "end_ground",
         "Choisissez un motif possible pour cette personne."),
        (PeriodValues(FEBRUARY, applied_on=TODAY, decided_on=FEBRUARY), "decided_on",
         "La décision ne précède pas la demande."),
        (PeriodValues(FEBRUARY, decided_on=date(2026, 3, 3)), "decided_on", "Cette date est à venir."),
        (PeriodValues(date(1800, 1, 1)), "starts_on", "Vérifiez l’année de cette date."),
        (PeriodValues(FEBRUARY, category="vip"), "category", "Cette catégorie est inconnue."),
    ])  # fmt: skip
    def test_what_no_register_says_is_refused(self, member, by, values, field, words):
        refused(lambda: record_membership(member, values, source=HISTORY, by=by, now=NOW), **{field: words})

    def test_who_waits_for_a_decision_is_decided_first(self, member, by):
        applied(member, by)

        refused(
            lambda: record_membership(member, PeriodValues(FEBRUARY), source=HISTORY, by=by, now=NOW),
            whole="Camille Essai a une demande à décider\u00a0: décidez-la.",
        )

    def test_many_are_written_or_none(self, cpts):
        people = [MemberFactory(cpts=cpts) for _ in range(3)]
        foreign = MemberFactory()
        rows = [
            (people[0], PeriodValues(date(2020, 1, 1), ends_on=date(2021, 1, 1), end_ground="resignation")),
            (people[0], PeriodValues(date(2020, 6, 1))),
            (people[1], PeriodValues(FEBRUARY)),
            (foreign, PeriodValues(FEBRUARY)),
        ]

        with pytest.raises(PeriodsError) as error:
            write_periods(cpts, rows, source=MembershipSource.IMPORT, now=NOW)

        assert list(error.value.faults) == [1, 3]
        assert list(faults_of(cpts, rows, today=TODAY)) == [1, 3]
        assert Membership.objects.count() == 0

    @pytest.mark.parametrize("count", [1, 30])
    def test_many_cost_the_same_queries(self, cpts, django_assert_num_queries, count):
        people = [MemberFactory(cpts=cpts) for _ in range(count)]
        rows = [
            row
            for each in people
            for row in (
                (each, PeriodValues(date(2020, 1, 1), ends_on=date(2021, 1, 1), end_ground="resignation")),
                (each, PeriodValues(date(2021, 1, 1))),
            )
        ]

        with django_assert_num_queries(5):
            periods = write_periods(cpts, rows, source=MembershipSource.IMPORT, now=NOW)

        assert len(periods) == 2 * count
        for member in Member.objects.select_related("last_membership"):
            assert member.last_membership.starts_on == date(2021, 1, 1)


def test_a_life_in_full(cpts, by):
    """Applied, admitted, honoured, suspended, resigned, back: five dates, each still there."""
    member = MemberFactory(cpts=cpts)
    first = applied(member, by, applied_on=date(2024, 1, 10))
    decide(
        cpts, [first.pk], admission(decided_on=date(2024, 2, 1), starts_on=date(2024, 2, 1)), by=by, now=NOW
    )
    second = change_category(first, "honorary", None, date(2025, 1, 1), by=by, now=NOW)
    suspend(second, date(2025, 3, 1), "Absence", by=by, now=NOW)
    lift(second, date(2025, 4, 1), by=by, now=NOW)
    end_membership(second, "resignation", date(2025, 9, 1), by=by, now=NOW)
    third = applied(member, by, applied_on=date(2026, 1, 1))
    decide(
        cpts, [third.pk], admission(decided_on=date(2026, 1, 5), starts_on=date(2026, 1, 5)), by=by, now=NOW
    )

    days = (date(2024, 1, 31), date(2024, 2, 1), date(2025, 3, 15), date(2025, 9, 1), date(2026, 1, 5))
    held = [bool(Membership.objects.in_force(day).count()) for day in days]
    assert held == [False, True, True, False, True]
    assert Membership.objects.count() == 3
    assert len(entries()) == 8


def test_the_registry_of_another_cpts_is_untouched(by, cpts):
    other = CptsFactory()
    theirs = admitted(MemberFactory(cpts=other))
    mine = applied(MemberFactory(cpts=cpts), by)
    decide(cpts, [mine.pk], admission(), by=by, now=NOW)

    before = Membership.objects.filter(pk=theirs.pk).values().get()
    assert before["state"] == "admitted"
    assert not AuditEntry.objects.filter(chain=f"cpts-{other.pk}").exists()
