"""Radiation: nobody is removed who was not invited to explain, and the letter says all they need."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from pypdf import PdfReader

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import RefusedError, StaleError
from core.audit.models import AuditEntry
from core.documents.models import Document
from core.jobs.domain.running import run_job
from core.jobs.models import Job
from members.domain.removal_letter import letter_of, letters_of, make_letter
from members.domain.removals import decide_removal, invite_to_explain, note_explanations, open_removal
from members.domain.workflow import MovedError
from members.enums import Body, MembershipState, RemovalOutcome
from members.models import Member, PracticePlace, Removal, Representative
from tests.factories.members import MemberFactory, MembershipFactory, StatutesVersionFactory, StructureFactory
from tests.factories.people import assign

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HEARING = date(2026, 3, 20)
AFTER = datetime(2026, 3, 25, 9, tzinfo=UTC)
FACTS = "Cotisation de 2025 impayée malgré trois rappels.\nAucune réponse."


@pytest.fixture(autouse=True)
def at_nine():
    """Stop every clock at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def by(cpts):
    held = assign(Role.BOARD, cpts)
    return Actor(role=Role.BOARD, user_id=held.user_id, cpts_id=cpts.pk)


@pytest.fixture
def membership(cpts):
    return MembershipFactory(member=MemberFactory(cpts=cpts, last_name="Essai", first_name="Camille"))


def opened(membership, by, **values):
    given = {"ground": "unpaid_fee", "facts": FACTS, "opened_on": TODAY} | values
    return open_removal(membership, *given.values(), by=by, now=NOW)


def invited(removal, by, *, hearing_on=HEARING, place="à 19 h, au siège", revision=None, now=NOW):
    revision = revision or Removal.objects.get(pk=removal.pk).revision
    return invite_to_explain(removal, TODAY, hearing_on, place, revision=revision, by=by, now=now)


def explained(removal, by, text="Un oubli, réglé depuis."):
    revision = Removal.objects.get(pk=removal.pk).revision
    return note_explanations(removal, text, revision=revision, by=by, now=NOW)


def decided(removal, by, outcome="removed", day=HEARING, note="Faits établis", *, revision=None, now=AFTER):
    revision = revision or Removal.objects.get(pk=removal.pk).revision
    return decide_removal(removal, outcome, day, note, revision=revision, by=by, now=now)


def verbs():
    found = AuditEntry.objects.filter(action__startswith="members.")
    return [action.removeprefix("members.") for action in found.values_list("action", flat=True)]


def refused(call, **expected):
    before = list(Removal.objects.values()), verbs()
    with pytest.raises(ValidationError) as fault:
        call()
    told = fault.value.message_dict if hasattr(fault.value, "error_dict") else {"whole": fault.value.messages}
    assert told == {name: [words] for name, words in expected.items()}
    assert (list(Removal.objects.values()), verbs()) == before


class TestProcedure:
    def test_it_goes_from_facts_to_a_decision_that_ends_the_membership(self, cpts, membership, by):
        StatutesVersionFactory(cpts=cpts, removal_body=Body.BUREAU)
        removal = opened(membership, by)
        invited(removal, by)
        explained(removal, by)

        decided(removal, by, note="  Faits\n établis ")

        removal.refresh_from_db()
        membership.refresh_from_db()
        assert (removal.outcome, removal.decided_by, removal.decided_on) == ("removed", Body.BUREAU, HEARING)
        assert removal.revision == 4
        assert (membership.state, membership.end_ground, membership.ends_on, membership.end_note) == (
            MembershipState.ENDED, "removal", HEARING, "Faits établis",
        )  # fmt: skip
        assert Member.objects.with_status(HEARING).get().status == "former"
        assert verbs() == ["removal_opened", "removal_invited", "removal_explained", "removal_decided"]

    def test_each_step_twice_is_one(self, membership, by):
        removal = opened(membership, by)
        assert opened(membership, by) == removal
        for _ in range(2):
            invited(removal, by, revision=1)
        for _ in range(2):
            note_explanations(removal, " Un oubli. ", revision=2, by=by, now=NOW)
        for _ in range(2):
            decided(removal, by, revision=3)

        assert verbs() == ["removal_opened", "removal_invited", "removal_explained", "removal_decided"]
        assert Removal.objects.count() == Job.objects.count() == 1

    def test_it_may_be_dropped_at_any_time(self, membership, by):
        removal = opened(membership, by)

        decided(removal, by, outcome="dropped", day=TODAY, note="Cotisation réglée")

        membership.refresh_from_db()
        removal.refresh_from_db()
        assert (removal.outcome, removal.decided_by) == (RemovalOutcome.DROPPED, "")
        assert membership.state == MembershipState.ADMITTED

    def test_another_may_then_be_opened(self, membership, by):
        decided(opened(membership, by), by, outcome="dropped", day=TODAY)

        assert opened(membership, by, facts="Autres faits").outcome == ""
        assert Removal.objects.count() == 2

    def test_nobody_is_removed_who_was_not_invited(self, membership, by):
        removal = opened(membership, by)
        explained(removal, by)

        words = "Nul n’est radié sans avoir été invité à s’expliquer\u00a0: invitez-le d’abord."
        refused(lambda: decided(removal, by), whole=words)
        membership.refresh_from_db()
        assert membership.state == MembershipState.ADMITTED

    def test_nor_before_the_day_they_were_given(self, membership, by):
        removal = opened(membership, by)
        invited(removal, by)

        refused(
            lambda: decided(removal, by, day=HEARING - timedelta(days=1)),
            decided_on="La personne peut s’expliquer jusqu’au 20 mars 2026\u00a0: pas avant.",
        )

    def test_unless_they_explained_already(self, membership, by):
        removal = opened(membership, by)
        invited(removal, by)
        explained(removal, by)

        assert decided(removal, by, day=TODAY).outcome == RemovalOutcome.REMOVED

    def test_two_procedures_at_once_are_one_too_many(self, membership, by):
        opened(membership, by)

        with pytest.raises(StaleError, match="Une procédure est déjà ouverte"):
            opened(membership, by, facts="Autres faits")

    def test_who_is_no_member_has_none(self, cpts, by):
        former = MembershipFactory(
            member__cpts=cpts, state="ended", ends_on=date(2025, 1, 1), end_ground="resignation"
        )
        with pytest.raises(MovedError):
            opened(former, by)

    def test_what_somebody_else_wrote_is_not_written_over(self, membership, by):
        removal = opened(membership, by)
        invited(removal, by, revision=1)

        with pytest.raises(StaleError, match="modifiée entre-temps"):
            invited(removal, by, place="ailleurs", revision=1)
        with pytest.raises(StaleError, match="modifiée entre-temps"):
            note_explanations(removal, "Rien", revision=1, by=by, now=NOW)
        with pytest.raises(StaleError, match="modifiée entre-temps"):
            decided(removal, by, revision=1)

    def test_a_closed_procedure_stays_as_it_is(self, membership, by):
        removal = opened(membership, by)
        decided(removal, by, outcome="dropped", day=TODAY)

        for call in (lambda: invited(removal, by), lambda: explained(removal, by)):
            with pytest.raises(StaleError, match="La procédure est terminée"):
                call()
        with pytest.raises(StaleError, match="La procédure est terminée"):
            decided(removal, by, outcome="dropped", day=TODAY, note="Autre motif")

    @pytest.mark.parametrize("role", [Role.TREASURER, Role.MEMBER])
    def test_those_who_decide_lead_it(self, membership, by, role):
        removal, other = opened(membership, by), Actor(role=role, cpts_id=membership.member.cpts_id)

        for call in (
            lambda: opened(membership, other),
            lambda: invited(removal, other),
            lambda: explained(removal, other),
            lambda: decided(removal, other, outcome="dropped", day=TODAY),
        ):
            with pytest.raises(RefusedError):
                call()

    @pytest.mark.parametrize(("values", "field", "words"), [
        ({"ground": "humeur"}, "ground", "Choisissez le motif."),
        ({"facts": "  "}, "facts", "Écrivez les faits\u00a0: la lettre d’invitation les reprend."),
        ({"opened_on": date(2026, 3, 3)}, "opened_on", "Cette date est à venir."),
        ({"opened_on": date(2023, 1, 1)}, "opened_on",
         "L’adhésion a commencé le 15 janvier 2024\u00a0: pas avant."),
    ])  # fmt: skip
    def test_it_has_a_ground_facts_and_a_day(self, membership, by, values, field, words):
        refused(lambda: opened(membership, by, **values), **{field: words})

    @pytest.mark.parametrize(("values", "field", "words"), [
        ({"hearing_on": TODAY}, "hearing_on",
         "Laissez à la personne le temps de se préparer\u00a0: donnez un jour suivant."),
        ({"hearing_on": date(2206, 1, 1)}, "hearing_on", "Vérifiez l’année de cette date."),
        ({"place": " "}, "hearing_place", "Dites où, ou par quel moyen, la personne s’explique."),
    ])  # fmt: skip
    def test_an_invitation_says_when_and_where(self, membership, by, values, field, words):
        removal = opened(membership, by)

        refused(lambda: invited(removal, by, **values), **{field: words})
        assert Job.objects.count() == 0

    @pytest.mark.parametrize(("values", "field", "words"), [
        ({"outcome": "exil"}, "outcome", "Choisissez l’issue de la procédure."),
        ({"note": " "}, "decision_note", "Motivez la décision."),
        ({"day": date(2026, 3, 1)}, "decided_on", "La procédure est ouverte depuis le 2 mars 2026."),
        ({"day": date(2026, 3, 26)}, "decided_on", "Cette date est à venir."),
    ])  # fmt: skip
    def test_an_outcome_has_a_day_and_a_reason(self, membership, by, values, field, words):
        removal = opened(membership, by)
        invited(removal, by)

        refused(lambda: decided(removal, by, **values), **{field: words})


class TestLetter:
    @pytest.fixture
    def letter(self, cpts, membership, by):
        for name, value in {
            "address": "3 rue du Port", "postal_code": "50400", "city": "Granville",
            "contact_email": "bonjour@littoral.test", "representative_name": "Dominique Essai",
            "representative_capacity": "présidente",
        }.items():  # fmt: skip
            setattr(cpts, name, value)
        cpts.save()
        removal = opened(membership, by)
        invited(removal, by)
        run_job(Job.objects.get().pk)
        return letter_of(Removal.objects.get())

    @staticmethod
    def text_of(document):
        with document.file.open() as file:
            reader = PdfReader(file)
            return " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    def test_it_tells_all_that_the_member_needs(self, letter):
        text = self.text_of(letter)

        for words in (
            "CPTS du Littoral d’essai 3 rue du Port 50400 Granville bonjour@littoral.test",
            "Camille Essai",
            "Granville, le 2 mars 2026",
            "Invitation à présenter vos explications",
            "ouverte à votre sujet le 2 mars 2026",
            "Motif retenu : cotisation impayée",
            "Cotisation de 2025 impayée malgré trois rappels.",
            "Aucune réponse.",
            "Aucune décision n’est prise.",
            "le 20 mars 2026 : à 19 h, au siège.",
            "par courrier ou à l’adresse bonjour@littoral.test",
            "le conseil d’administration décidera",
            "Dominique Essai présidente",
        ):
            assert words in text, words
        assert letter.fingerprint in text.replace(" ", "")

    def test_it_is_tagged_and_kept_three_years_for_those_who_decide(self, letter, cpts, sign_in):
        with letter.file.open() as file:
            root = PdfReader(file).trailer["/Root"]
            assert root["/MarkInfo"]["/Marked"]
            assert str(root["/Lang"]) == "fr"
        assert (letter.cpts, letter.title) == (cpts, "Invitation à s’expliquer")
        assert letter.filename == "invitation-a-s-expliquer-2026-03-02.pdf"
        assert letter.expires_at == NOW + timedelta(days=1095)
        answers = []
        for role in (Role.COORDINATOR, Role.BOARD, Role.TREASURER, Role.MEMBER):
            answer = sign_in(role).get(letter.get_absolute_url())
            b"".join(answer)  # a file is closed by whoever reads it to its end
            answers.append(answer.status_code)
        assert answers == [200, 200, 404, 404]

    def test_its_public_title_names_nobody(self, letter, client):
        page = client.get(reverse("documents:verified", args=[letter.fingerprint])).content.decode()

        assert "Invitation à s’expliquer" in page
        assert "Camille" not in page

    def test_a_hearing_put_off_makes_another_letter_and_keeps_the_first(self, letter, by):
        removal = Removal.objects.get()
        invited(removal, by, hearing_on=date(2026, 4, 3))
        removal.refresh_from_db()
        assert letter_of(removal) is None

        run_job(Job.objects.exclude(pk=letter.job_id).get().pk)

        second = letter_of(removal)
        assert second != letter
        assert set(letters_of(removal)) == {letter, second}
        assert "le 3 avril 2026" in self.text_of(second)

    def test_a_late_worker_prints_the_invitation_it_was_asked_for(self, membership, by):
        removal = opened(membership, by)
        invited(removal, by)
        first = Job.objects.get()
        invited(removal, by, hearing_on=date(2026, 4, 3))

        run_job(first.pk)

        assert "le 20 mars 2026" in self.text_of(Document.objects.get())

    def test_it_is_written_to_where_somebody_practises(self, membership, by):
        PracticePlace.objects.create(
            member=membership.member, is_main=True, label="Cabinet du Port", address="5 quai Neuf",
            postal_code="50400", commune_code="50218", commune_name="Granville",
        )  # fmt: skip
        invited(opened(membership, by), by)
        run_job(Job.objects.get().pk)

        text = self.text_of(Document.objects.get())
        assert "Camille Essai Cabinet du Port 5 quai Neuf 50400 Granville" in text

    def test_and_to_whoever_speaks_for_a_structure(self, cpts, by):
        structure = StructureFactory(
            cpts=cpts, last_name="Clinique d’essai", address="1 rue Haute", postal_code="50300",
            commune_name="Avranches",
        )  # fmt: skip
        Representative.objects.create(structure=structure, name="Sacha Essai", starts_on=date(2024, 1, 1))
        invited(opened(MembershipFactory(member=structure), by), by)
        run_job(Job.objects.get().pk)

        text = self.text_of(Document.objects.get())
        assert "Clinique d’essai À l’attention de Sacha Essai 1 rue Haute 50300 Avranches" in text

    def test_a_second_run_makes_no_second_letter(self, letter):
        make_letter(Job.objects.get(), lambda _percent, _label: None)

        assert Document.objects.get() == letter


class TestPages:
    def url(self, name, removal, *more):
        member = removal.membership.member
        return reverse(f"members:{name}", args=[member.cpts.slug, member.pk, *(more or (removal.pk,))])

    def test_it_is_led_from_the_sheet_to_the_decision(self, membership, coordinator):
        member = membership.member
        sheet = coordinator.get(member.get_absolute_url()).content.decode()
        open_url = reverse("members:removal_open", args=[member.cpts.slug, member.pk, membership.pk])
        assert open_url in sheet

        answer = coordinator.post(
            open_url, {"ground": "serious", "facts": FACTS, "opened_on": "2026-03-02"}, follow=True
        )
        removal = Removal.objects.get()
        assert "Invitez maintenant la personne" in answer.content.decode()
        page = coordinator.get(self.url("removal", removal)).content.decode()
        assert "Motif grave" in page
        assert "Lettre du" not in page

        coordinator.post(
            self.url("removal_invite", removal),
            {
                "revision": "1",
                "invited_on": "2026-03-02",
                "hearing_on": "2026-03-20",
                "hearing_place": "au siège",
            },
        )
        page = coordinator.get(self.url("removal", removal)).content.decode()
        assert "La lettre se prépare" in page
        answer = coordinator.post(self.url("removal_letter", removal))
        assert answer["Location"] == reverse("jobs:detail", args=[Job.objects.get().pk])
        run_job(Job.objects.get().pk)
        page = coordinator.get(self.url("removal", removal)).content.decode()
        assert Document.objects.get().get_absolute_url() in page

        coordinator.post(self.url("removal_explain", removal), {"revision": "2", "explanations": "Rien."})
        answer = coordinator.post(
            self.url("removal_decide", removal),
            {"revision": "3", "outcome": "removed", "decided_on": "2026-03-02", "note": "Faits établis"},
            follow=True,
        )
        assert "Radiation prononcée" in answer.content.decode()
        membership.refresh_from_db()
        assert membership.end_ground == "removal"

    def test_what_was_typed_stays_when_it_is_refused(self, membership, by, coordinator):
        removal = opened(membership, by)

        answer = coordinator.post(
            self.url("removal_invite", removal),
            {"revision": "1", "invited_on": "2026-03-02", "hearing_on": "2026-03-02", "hearing_place": "ici"},
        )

        assert answer.status_code == 400
        page = answer.content.decode()
        assert "Laissez à la personne le temps" in page
        assert 'value="ici"' in page

    def test_a_stale_page_says_so_and_keeps_what_was_typed(self, membership, by, coordinator):
        removal = opened(membership, by)
        invited(removal, by)

        answer = coordinator.post(
            self.url("removal_explain", removal), {"revision": "1", "explanations": "Un oubli."}
        )

        assert answer.status_code == 409
        page = answer.content.decode()
        assert "modifiée entre-temps" in page
        assert "Un oubli." in page
        assert Removal.objects.get().explanations == ""

    def test_a_closed_one_offers_nothing_more(self, membership, by, coordinator):
        removal = opened(membership, by)
        decided(removal, by, outcome="dropped", day=TODAY)

        page = coordinator.get(self.url("removal", removal)).content.decode()
        assert "Procédure abandonnée" in page
        assert self.url("removal_decide", removal) not in page
        answer = coordinator.get(self.url("removal_decide", removal))
        assert answer.status_code == 409
        assert "Il n’y a plus rien à faire ici" in answer.content.decode()

    def test_no_letter_before_an_invitation(self, membership, by, coordinator):
        removal = opened(membership, by)

        assert coordinator.post(self.url("removal_letter", removal)).status_code == 404
        assert Job.objects.count() == 0

    def test_the_treasurer_sees_no_procedure(self, membership, by, sign_in):
        removal = opened(membership, by)
        treasurer = sign_in(Role.TREASURER)

        assert treasurer.get(self.url("removal", removal)).status_code == 403
        sheet = treasurer.get(membership.member.get_absolute_url()).content.decode()
        assert "Procédure de radiation" not in sheet

    def test_one_reached_through_another_member_does_not_exist(self, membership, by, coordinator):
        removal = opened(membership, by)
        other = MemberFactory(cpts=membership.member.cpts)
        address = reverse("members:removal", args=[other.cpts.slug, other.pk, removal.pk])

        assert coordinator.get(address).status_code == 404
