"""The public form of application, the list of those who wait, and one decision about several."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.notifications.models import Notification
from core.organisations.models import TerritoryCommune
from members.domain import applications
from members.domain.applications import set_desk
from members.enums import Body, MembershipState
from members.models import AdmissionDesk, Member, Membership, PracticePlace, Representative
from tests.factories.contracts import make_territory
from tests.factories.members import MemberFactory, MembershipFactory, StatutesVersionFactory, StructureFactory
from tests.factories.people import assign

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PERSON = {
    "qui": "personne",
    "first_name": "Ana",
    "last_name": "Dupont",
    "profession": "60",
    "exercise_mode": "liberal",
    "rpps": "",
    "structure": "Maison de santé du Port",
    "commune": "Granville",
    "email": "ana@example.org",
    "phone": "06 01 02 03 04",
    "statutes": "on",
    "website": "",
}
STRUCTURE = {
    "qui": "structure",
    "structure_kind": "pharmacy",
    "last_name": "Pharmacie d’essai",
    "finess": "",
    "siret": "",
    "commune": "Granville",
    "speaker": "Sacha Essai",
    "capacity": "gérante",
    "email": "pharmacie@example.org",
    "phone": "",
    "statutes": "on",
    "website": "",
}
PLACE = {"departement_code": "50", "departement_name": "Manche", "region_code": "28"}
HOSTILE = ["\x00", "Ana\x00", "<script>alert(1)</script>", "\u202e" * 20, "x" * 9_000]
WAITING = {"state": MembershipState.APPLIED, "decided_on": None, "decided_by": "", "starts_on": None}


@pytest.fixture(autouse=True)
def at_nine():
    """Stop every clock at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(cpts):
    return AdmissionDesk.objects.create(cpts=cpts, is_open=True, since=NOW)


@pytest.fixture
def send(client, cpts, desk, django_capture_on_commit_callbacks):
    """Return what sends the public form, its e-mails leaving."""

    def send(values=PERSON, **changes):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse("members:apply", args=[cpts.slug]), {**values, **changes})

    return send


def waiting_for(cpts, applied_on=TODAY, **values):
    return MembershipFactory(
        member=MemberFactory(cpts=cpts, **values), source="form", applied_on=applied_on, **WAITING
    )


def territory_of(cpts):
    territory = make_territory(cpts)
    for code, name in (("50218", "Granville"), ("50025", "Avranches")):
        TerritoryCommune.objects.create(territory=territory, code=code, city_code=code, name=name, **PLACE)


def registry():
    return list(Member.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values())


class TestForm:
    def test_a_person_applies_from_nothing(self, cpts, send):
        answer = send()

        assert answer["Location"] == reverse("members:applied", args=[cpts.slug])
        member = Member.objects.get()
        assert (member.name, member.profession, member.exercise_mode) == ("Ana Dupont", "60", "liberal")
        assert (member.email, str(member.phone)) == ("ana@example.org", "+33601020304")
        assert (member.number, member.participation) == (1, "certain")
        place = PracticePlace.objects.get()
        assert (place.label, place.commune_name, place.is_main) == (
            "Maison de santé du Port", "Granville", True,
        )  # fmt: skip
        membership = Membership.objects.get()
        assert (membership.state, membership.source, membership.applied_on) == ("applied", "form", TODAY)
        assert membership.statutes_accepted_at == NOW
        assert membership.typed == {}
        assert member.last_membership == membership
        told = AuditEntry.objects.filter(action__startswith="members.")
        assert list(told.values_list("action", "actor_role")) == [
            ("members.member_added", "platform"),
            ("members.membership_applied", "platform"),
        ]

    def test_a_structure_applies_by_who_speaks_for_it(self, send):
        assert send(STRUCTURE).status_code == 302

        structure = Member.objects.get()
        assert (structure.kind, structure.structure_kind) == ("legal", "pharmacy")
        assert (structure.name, structure.commune_name) == ("Pharmacie d’essai", "Granville")
        speaker = Representative.objects.get()
        assert (speaker.name, speaker.capacity, speaker.starts_on) == ("Sacha Essai", "gérante", TODAY)
        assert Membership.objects.get().member == structure

    def test_the_commune_is_that_of_the_territory(self, cpts, send):
        territory_of(cpts)

        send(commune=" GRANVILLE ")

        assert Member.objects.values_list("commune_code", "commune_name").get() == ("50218", "Granville")

    @pytest.mark.usefixtures("granville")
    @pytest.mark.parametrize(("typed", "kept"), [
        ("Donville-les-Bains", ("50165", "Donville-les-Bains")),
        ("Là-bas", ("", "Là-bas")),
    ])  # fmt: skip
    def test_elsewhere_it_is_that_of_the_official_code_or_what_was_typed(self, send, typed, kept):
        send(commune=typed)

        assert Member.objects.values_list("commune_code", "commune_name").get() == kept

    @pytest.mark.usefixtures("desk")
    def test_it_presents_the_association(self, client, cpts):
        territory_of(cpts)
        StatutesVersionFactory(cpts=cpts, purpose="Soigner mieux, ensemble.")

        page = client.get(reverse("members:apply", args=[cpts.slug])).content.decode()

        assert "CPTS du Littoral d’essai" in page
        assert "Soigner mieux, ensemble." in page
        assert "sur 2 communes" in page
        assert '<option value="Granville">' in page
        assert "Combien de temps" in page
        assert "la CNIL reçoit les réclamations" in page

    @pytest.mark.parametrize(("values", "changes", "words"), [
        (PERSON, {"first_name": ""}, "Donnez votre prénom."),
        (PERSON, {"last_name": " "}, "Donnez votre nom."),
        (PERSON, {"profession": ""}, "Choisissez votre profession."),
        (PERSON, {"profession": "00"}, "Choisissez une profession de la liste."),
        (PERSON, {"exercise_mode": "nomade"}, "Choisissez un mode de la liste."),
        (PERSON, {"rpps": "123"}, "Un numéro RPPS compte onze chiffres"),
        (PERSON, {"commune": ""}, "Donnez la commune où vous exercez."),
        (PERSON, {"email": ""}, "Donnez une adresse où l’association puisse vous répondre."),
        (PERSON, {"email": "ana"}, "Cette adresse n’est pas complète"),
        (PERSON, {"phone": "12"}, "Ce numéro ne peut pas être composé"),
        (PERSON, {"statutes": ""}, "Pour adhérer, il faut accepter les statuts."),
        (PERSON, {"last_name": "é" * 151}, "Ce texte tient en 150\u00a0caractères."),
        (STRUCTURE, {"structure_kind": ""}, "Choisissez la nature de la structure."),
        (STRUCTURE, {"last_name": ""}, "Donnez le nom de la structure."),
        (STRUCTURE, {"siret": "123"}, "SIRET"),
        (STRUCTURE, {"finess": "1"}, "FINESS"),
        (STRUCTURE, {"speaker": ""}, "Donnez votre nom"),
        (STRUCTURE, {"commune": ""}, "Donnez la commune de la structure."),
    ])  # fmt: skip
    def test_what_is_wrong_is_said_beside_its_field(self, send, values, changes, words):
        answer = send(values, **changes)

        assert answer.status_code == 400
        page = answer.content.decode()
        assert words in page
        assert values["email"] in page or "email" in changes
        assert Member.objects.count() == 0
        assert mail.outbox == []

    @pytest.mark.parametrize("typed", HOSTILE)
    def test_hostile_names_are_refused_or_shown_as_they_are(self, send, typed):
        answer = send(last_name=typed)

        assert answer.status_code in {302, 400}
        assert "<script>alert" not in answer.content.decode()

    def test_a_machine_that_fills_everything_is_thanked_and_forgotten(self, cpts, send):
        answer = send(website="https://example.org")

        assert answer["Location"] == reverse("members:applied", args=[cpts.slug])
        assert Member.objects.count() == 0
        assert mail.outbox == []

    @pytest.mark.usefixtures("desk")
    def test_its_token_is_asked_for(self, cpts):
        browser = Client(enforce_csrf_checks=True)
        assert browser.post(reverse("members:apply", args=[cpts.slug]), PERSON).status_code == 403
        assert Member.objects.count() == 0

    def test_a_closed_form_says_so_and_takes_nothing(self, client, cpts):
        address = reverse("members:apply", args=[cpts.slug])
        assert "Pas de demande en ligne" in client.get(address).content.decode()
        assert client.post(address, PERSON).status_code == 409
        assert Member.objects.count() == 0

    def test_an_unknown_association_is_not_found(self, client):
        assert client.get(reverse("members:apply", args=["inconnue"])).status_code == 404
        assert client.get(reverse("members:applied", args=["inconnue"])).status_code == 404

    def test_the_last_page_says_who_decides(self, client, cpts):
        address = reverse("members:applied", args=[cpts.slug])
        assert "Le conseil d’administration décide" in client.get(address).content.decode()
        StatutesVersionFactory(cpts=cpts, admission_body=Body.NOBODY)
        assert "L’association l’enregistre" in client.get(address).content.decode()

    def test_where_nobody_decides_a_newcomer_is_in_at_once(self, cpts, send):
        StatutesVersionFactory(cpts=cpts, admission_body=Body.NOBODY)

        send()

        membership = Membership.objects.get()
        assert (membership.state, membership.starts_on) == ("admitted", TODAY)

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("count", [0, 3])
    def test_it_costs_the_same_whatever_the_registry(self, client, cpts, django_assert_num_queries, count):
        for _ in range(count):
            waiting_for(cpts)
        with django_assert_num_queries(4):
            client.get(reverse("members:apply", args=[cpts.slug]))


class TestKnownOrNot:
    """The answer tells nothing, and nobody is written twice."""

    def same_answer(self, cpts, answer):
        assert (answer.status_code, answer["Location"]) == (302, reverse("members:applied", args=[cpts.slug]))

    def test_a_form_sent_twice_is_one_application(self, cpts, send):
        send()
        before = registry()

        self.same_answer(cpts, send())

        assert registry() == before
        assert Notification.objects.count() == 0  # nobody coordinates it yet

    def test_a_member_is_not_told_apart(self, cpts, send):
        MembershipFactory(
            member=MemberFactory(cpts=cpts, first_name="Ana", last_name="Dupont", email="ANA@example.org")
        )
        before = registry()

        self.same_answer(cpts, send())

        assert registry() == before
        assert [each.to for each in mail.outbox] == [["ana@example.org"]]

    def test_a_former_member_comes_back_on_their_entry(self, cpts, send):
        member = MemberFactory(
            cpts=cpts, first_name="Anna", last_name="Dupond", rpps="10003456780", email="avant@example.org",
            exercise_mode="liberal", commune_name="Granville",
        )  # fmt: skip
        MembershipFactory(member=member, state="ended", ends_on=date(2025, 1, 1), end_ground="resignation")

        self.same_answer(cpts, send(rpps="1000 3456 780"))

        assert Member.objects.count() == 1
        member.refresh_from_db()
        assert (member.first_name, member.email) == ("Anna", "avant@example.org")
        assert member.last_membership.typed == {
            "first_name": "Ana",
            "last_name": "Dupont",
            "email": "ana@example.org",
            "phone": "+33601020304",
        }

    def test_whoever_says_to_be_somebody_known_is_not_admitted_at_once(self, cpts, send):
        StatutesVersionFactory(cpts=cpts, admission_body=Body.NOBODY)
        MemberFactory(cpts=cpts, rpps="10003456780", email="avant@example.org")

        send(rpps="10003456780")

        assert Membership.objects.get().state == "applied"

    def test_the_address_of_a_practice_is_shared(self, send):
        send()

        send(first_name="Bruno", last_name="Martin")

        assert [each.name for each in Member.objects.order_by("pk")] == ["Ana Dupont", "Bruno Martin"]
        assert Membership.objects.count() == 2

    def test_namesakes_of_two_numbers_are_two_people(self, send):
        send(rpps="10003456780")
        send(rpps="10003456798", email="autre@example.org")

        assert Member.objects.count() == 2

    def test_the_same_person_elsewhere_is_somebody_to_compare(self, send):
        send()
        send(commune="Avranches", email="autre@example.org")

        assert Member.objects.count() == 2

    def test_those_of_another_cpts_are_others(self, other_cpts, send):
        MembershipFactory(
            member=MemberFactory(
                cpts=other_cpts, first_name="Ana", last_name="Dupont", email="ana@example.org"
            )
        )
        send()

        assert Membership.objects.filter(state="applied").count() == 1


class TestLimits:
    def test_one_network_sends_so_many_in_an_hour(self, send, settings):
        settings.APPLICATIONS_PER_HOUR = 2
        for number in range(2):
            assert send(last_name=f"Essai {number}").status_code == 302

        answer = send(last_name="Essai 3")

        assert answer.status_code == 429
        page = answer.content.decode()
        assert "Vous avez atteint la limite de 2 demandes par heure." in page
        assert 'value="Essai 3"' in page
        assert Member.objects.count() == 2
        with time_machine.travel(NOW + timedelta(hours=1, seconds=1)):
            assert send(last_name="Essai 3").status_code == 302

    def test_what_was_mistyped_is_not_counted(self, send, settings):
        settings.APPLICATIONS_PER_HOUR = 1
        for _ in range(3):
            assert send(email="").status_code == 400

        assert send().status_code == 302

    def test_a_flood_from_everywhere_stops(self, send, monkeypatch):
        monkeypatch.setattr(applications, "_MOST_FOR_A_CPTS", 1)
        send()

        answer = send(last_name="Martin", email="martin@example.org")

        assert answer.status_code == 429
        assert Member.objects.count() == 1

    def test_a_mailbox_is_not_flooded_from_here(self, send):
        for number in range(3):
            send(last_name=f"Essai {number}")

        assert [each.to for each in mail.outbox] == [["ana@example.org"]]
        message = mail.outbox[0]
        assert message.subject == "Votre demande d’adhésion est arrivée – CPTS du Littoral d’essai"
        assert "Dupont" not in message.body
        assert "oubliez ce message" in message.body

    def test_a_mail_server_out_of_reach_loses_no_application(self, send, monkeypatch):
        def fail(*_args, **_values):
            raise OSError("no route")

        monkeypatch.setattr(applications, "send_mail", fail)

        assert send().status_code == 302
        assert Membership.objects.count() == 1


class TestCoordination:
    def test_it_is_told_once_a_day_and_of_nobody_s_name(self, cpts, send):
        first, second = (assign(Role.COORDINATOR, cpts).user for _ in range(2))
        assign(Role.TREASURER, cpts)

        send()
        send(last_name="Martin", email="martin@example.org")

        told = Notification.objects.all()
        assert {each.recipient for each in told} == {first, second}
        assert len(told) == 2
        assert told[0].path == reverse("members:applications", args=[cpts.slug])
        assert "Dupont" not in told[0].title + told[0].body
        with time_machine.travel(NOW + timedelta(days=1)):
            send(last_name="Robert", email="robert@example.org")
        assert Notification.objects.count() == 4

    def test_home_tells_what_waits(self, cpts, coordinator):
        address = reverse("members:applications", args=[cpts.slug])
        assert address not in coordinator.get("/").content.decode()
        waiting_for(cpts)
        assert "Une demande d’adhésion à décider" in coordinator.get("/").content.decode()
        waiting_for(cpts, TODAY - timedelta(days=70))
        page = coordinator.get("/").content.decode()
        assert "2 demandes d’adhésion à décider" in page
        assert "La plus ancienne date du 22 décembre 2025." in page
        assert address in page

    def test_the_form_opens_and_closes_by_a_click(self, cpts, coordinator):
        address = reverse("members:applications_desk", args=[cpts.slug])
        for value, is_open in (("1", True), ("1", True), ("0", False), ("", False)):
            assert coordinator.post(address, {"ouvrir": value}).status_code == 302
            assert AdmissionDesk.objects.get().is_open is is_open
        told = AuditEntry.objects.filter(action__startswith="members.").values_list("action", flat=True)
        assert list(told) == ["members.applications_opened", "members.applications_closed"]

    def test_closed_before_it_was_ever_open_writes_nothing(self, cpts):
        set_desk(cpts, is_open=False, by=PLATFORM, now=NOW)

        assert AdmissionDesk.objects.count() == AuditEntry.objects.count() == 0


class TestList:
    def page(self, browser, cpts, query=""):
        return browser.get(reverse("members:applications", args=[cpts.slug]) + query).content.decode()

    def test_it_says_how_to_begin(self, cpts, coordinator):
        page = self.page(coordinator, cpts)

        assert "Aucune demande à décider" in page
        assert "Ouvrir le formulaire" in page
        assert "Une fois ouvert" in page

    def test_the_oldest_come_first(self, cpts, coordinator):
        waiting_for(cpts, TODAY, last_name="Récente")
        waiting_for(cpts, TODAY - timedelta(days=60), last_name="Ancienne")
        MembershipFactory(member__cpts=cpts)

        page = self.page(coordinator, cpts)

        assert page.index("Ancienne") < page.index("Récente")
        assert "60\u00a0jours" in page.replace("&nbsp;", "\u00a0")
        assert page.count('name="demande"') == 2

    def test_it_tells_what_differs_and_whom_it_resembles(self, cpts, coordinator):
        other = MemberFactory(cpts=cpts, first_name="Ana", last_name="Dupont")
        membership = waiting_for(cpts, first_name="Ana", last_name="Dupont", email="avant@example.org")
        membership.typed = {"email": "ana@example.org", "exercise_mode": "liberal"}
        membership.save()

        page = self.page(coordinator, cpts)

        words = " ".join(page.replace("&nbsp;", " ").split())
        assert "Adresse électronique : ana@example.org (dans la fiche : avant@example.org)." in words
        assert "Mode d’exercice : Libéral (dans la fiche : rien)." in words
        assert f"Ana Dupont, n° {other.number}" in words

    @pytest.mark.usefixtures("desk")
    def test_the_link_of_the_form_is_there_to_copy(self, cpts, coordinator):
        page = self.page(coordinator, cpts)

        assert f"http://testserver{reverse('members:apply', args=[cpts.slug])}" in page
        assert "Fermer le formulaire" in page

    def test_the_treasurer_reads_and_decides_nothing(self, cpts, sign_in):
        waiting_for(cpts)

        page = self.page(sign_in(Role.TREASURER), cpts)

        assert 'name="demande"' not in page
        assert "Ouvrir le formulaire" not in page

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_waits(self, cpts, coordinator, django_assert_max_num_queries, count):
        for _ in range(count):
            waiting_for(cpts, first_name="Ana", last_name="Dupont")
        with django_assert_max_num_queries(12) as counted:
            self.page(coordinator, cpts)
        assert len(counted) == 9

    def test_long_lists_have_pages(self, cpts, coordinator):
        for _ in range(27):
            waiting_for(cpts)

        assert self.page(coordinator, cpts).count('name="demande"') == 25
        assert self.page(coordinator, cpts, "?page=2").count('name="demande"') == 2


class TestDeciding:
    @pytest.fixture
    def address(self, cpts):
        return reverse("members:applications_decide", args=[cpts.slug])

    def given(self, *memberships, **changes):
        values = {"outcome": "admettre", "decided_on": "2026-03-01", "starts_on": "2026-03-01", "note": "PV"}
        return {"demande": [each.pk for each in memberships], "category": "", **values, **changes}

    @pytest.fixture
    def waiting(self, cpts):
        return [waiting_for(cpts, date(2026, 2, day)) for day in (1, 2, 3)]

    def test_several_ticked_are_shown_and_decided_together(self, coordinator, address, waiting):
        page = coordinator.get(address, {"demande": [each.pk for each in waiting[:2]]}).content.decode()
        assert "Décider de 2 demandes" in page
        assert "pour les 2" in page

        answer = coordinator.post(address, self.given(*waiting[:2]), follow=True)

        assert "2 demandes admises." in answer.content.decode()
        rows = Membership.objects.order_by("pk").values_list("state", "decided_on", "starts_on")
        day = date(2026, 3, 1)
        assert list(rows) == [("admitted", day, day), ("admitted", day, day), ("applied", None, None)]

    def test_the_effect_is_that_of_the_decision_unless_said(self, coordinator, address, waiting):
        coordinator.post(address, self.given(waiting[0], starts_on=""))

        waiting[0].refresh_from_db()
        assert waiting[0].starts_on == date(2026, 3, 1)

    def test_a_double_click_decides_once(self, coordinator, address, waiting):
        for _ in range(2):
            assert coordinator.post(address, self.given(waiting[0])).status_code == 302

        assert AuditEntry.objects.filter(action="members.membership_admitted").count() == 1

    def test_the_second_of_two_people_is_told(self, coordinator, sign_in, address, waiting):
        sign_in(Role.BOARD).post(address, self.given(*waiting[:2], outcome="refuser", note="Hors territoire"))

        answer = coordinator.post(address, self.given(*waiting))

        assert answer.status_code == 409
        page = answer.content.decode()
        assert "Quelqu’un d’autre est passé avant vous" in page
        assert "la demande a été refusée entre-temps" in page
        states = Membership.objects.order_by("pk").values_list("state", flat=True)
        assert list(states) == ["refused", "refused", "applied"]

    @pytest.mark.parametrize(("changes", "words"), [
        ({"outcome": "refuser", "note": ""}, "Dites pourquoi la demande est refusée."),
        ({"outcome": "peut-être"}, "Choisissez dans la liste."),
        ({"outcome": ""}, "Choisissez d’admettre ou de refuser."),
        ({"decided_on": ""}, "Donnez la date de la décision."),
        ({"decided_on": "31/02/2026"}, "Cette date n’existe pas"),
        ({"decided_on": "2026-03-03"}, "Cette date est à venir."),
        ({"starts_on": "0001-01-01"}, "Vérifiez l’année de cette date."),
        ({"category": "vip"}, "Choisissez dans la liste."),
        ({"note": "x" * 501}, "Ce texte tient en 500\u00a0caractères."),
    ])  # fmt: skip
    def test_what_is_wrong_decides_nothing(self, coordinator, address, waiting, changes, words):
        answer = coordinator.post(address, self.given(waiting[0], **changes))

        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert set(Membership.objects.values_list("state", flat=True)) == {"applied"}

    def test_nothing_ticked_says_to_tick(self, coordinator, cpts, address):
        assert "Aucune demande choisie" in coordinator.get(address).content.decode()
        answer = coordinator.post(address, self.given())
        assert answer["Location"] == reverse("members:applications", args=[cpts.slug])

    @pytest.mark.parametrize("number", ["0", "x", "9" * 5_000, "-1", "٣", "\x00"])
    def test_a_number_of_nothing_is_not_found(self, coordinator, address, number):
        assert coordinator.get(address, {"demande": number}).status_code == 404

    def test_that_of_another_cpts_is_not_found(self, coordinator, other_cpts, address, waiting):
        theirs = waiting_for(other_cpts)

        assert coordinator.get(address, {"demande": theirs.pk}).status_code == 404
        assert coordinator.post(address, self.given(waiting[0], theirs)).status_code == 404
        assert set(Membership.objects.values_list("state", flat=True)) == {"applied"}

    def test_the_treasurer_is_refused(self, sign_in, address, waiting):
        assert sign_in(Role.TREASURER).post(address, self.given(waiting[0])).status_code == 403


class TestSheet:
    def pages(self, member):
        return {
            name: reverse(f"members:membership_{name}", args=[member.cpts.slug, member.pk])
            for name in ("apply", "record")
        }

    def test_an_application_on_paper_is_recorded_then_withdrawn(self, cpts, coordinator):
        member = MemberFactory(cpts=cpts)
        sheet = coordinator.get(member.get_absolute_url()).content.decode()
        assert "Aucune demande, aucune adhésion" in sheet
        assert self.pages(member)["apply"] in sheet

        answer = coordinator.post(
            self.pages(member)["apply"], {"applied_on": "2026-02-01", "category": "active", "statutes": "on"}
        )

        assert answer["Location"] == member.get_absolute_url()
        membership = Membership.objects.get()
        assert (membership.source, membership.statutes_accepted_at) == ("coordination", NOW)
        sheet = coordinator.get(member.get_absolute_url()).content.decode()
        address = reverse("members:membership_withdraw", args=[cpts.slug, member.pk, membership.pk])
        assert address in sheet
        for _ in range(2):
            assert coordinator.post(address, {"end_note": "Renonce"}).status_code == 302
        assert Membership.objects.get().state == "withdrawn"

    def test_a_membership_of_old_is_recorded(self, cpts, coordinator):
        member = MemberFactory(cpts=cpts)
        values = {"starts_on": "2021-03-01", "category": "active", "ends_on": "2023-05-01", "end_ground": ""}

        answer = coordinator.post(self.pages(member)["record"], values)
        assert answer.status_code == 400
        assert "Dites pourquoi l’adhésion s’est terminée." in answer.content.decode()
        answer = coordinator.post(self.pages(member)["record"], values | {"end_ground": "resignation"})

        assert answer.status_code == 302
        assert Membership.objects.get().ends_on == date(2023, 5, 1)
        sheet = coordinator.get(member.get_absolute_url()).content.decode()
        assert "Ancien membre" in sheet
        assert "Membre du 1er mars 2021 au 30 avril 2023" in " ".join(sheet.split())
        assert "Enregistrer une nouvelle demande" in sheet

    @pytest.mark.parametrize(("name", "values", "expected"), [
        ("end", {"end_ground": "resignation", "ends_on": "2026-03-02", "end_note": "Lettre"}, "ended"),
        ("change", {"category": "honorary", "day": "2026-03-02", "note": "AG"}, "ended"),
        ("suspend", {"starts_on": "2026-03-02", "reason": "Absence"}, "admitted"),
    ])  # fmt: skip
    def test_a_member_s_life_is_written_from_the_sheet(self, cpts, coordinator, name, values, expected):
        membership = MembershipFactory(member__cpts=cpts)
        member = membership.member
        address = reverse(f"members:membership_{name}", args=[cpts.slug, member.pk, membership.pk])
        assert address in coordinator.get(member.get_absolute_url()).content.decode()

        for _ in range(2):
            assert coordinator.post(address, values)["Location"] == member.get_absolute_url()

        membership.refresh_from_db()
        assert membership.state == expected
        entries = AuditEntry.objects.filter(action__startswith="members.membership_")
        assert entries.count() == 1
        assert coordinator.get(address).status_code == 409

    def test_a_suspension_is_lifted_from_the_sheet(self, cpts, coordinator):
        membership = MembershipFactory(member__cpts=cpts)
        arguments = [cpts.slug, membership.member_id, membership.pk]
        lift = reverse("members:membership_lift", args=arguments)
        assert coordinator.get(lift).status_code == 409
        values = {"starts_on": "2026-02-02", "reason": "Absence"}
        coordinator.post(reverse("members:membership_suspend", args=arguments), values)
        assert lift in coordinator.get(membership.member.get_absolute_url()).content.decode()

        assert coordinator.post(lift, {"ends_on": "2026-03-02"}).status_code == 302

        assert membership.suspensions.get().ends_on == TODAY

    def test_who_waits_or_belongs_has_no_second_application_to_fill_in(self, cpts, coordinator):
        for membership in (waiting_for(cpts), MembershipFactory(member__cpts=cpts)):
            assert coordinator.get(self.pages(membership.member)["apply"]).status_code == 409

    def test_the_ends_are_those_of_a_structure(self, cpts, coordinator):
        membership = MembershipFactory(member=StructureFactory(cpts=cpts))
        address = reverse("members:membership_end", args=[cpts.slug, membership.member_id, membership.pk])
        page = coordinator.get(address).content.decode()
        assert "Disparition de la structure" in page
        assert "Décès" not in page

    def test_a_membership_of_somebody_else_is_not_found(self, cpts, other_cpts, coordinator):
        mine, theirs = MembershipFactory(member__cpts=cpts), MembershipFactory(member__cpts=other_cpts)
        for member_id, membership_id in ((mine.member_id, theirs.pk), (theirs.member_id, theirs.pk)):
            address = reverse("members:membership_end", args=[cpts.slug, member_id, membership_id])
            assert coordinator.get(address).status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_panel_costs_the_same_whatever_the_periods(self, cpts, coordinator, count):
        member = MemberFactory(cpts=cpts)
        for year in range(count):
            MembershipFactory(
                member=member, starts_on=date(2020 + year, 1, 1), state="ended",
                ends_on=date(2020 + year, 6, 1), end_ground="resignation",
            )  # fmt: skip
        with CaptureQueriesContext(connection) as counted:
            coordinator.get(member.get_absolute_url())
        about = [each for each in counted if "members_membership" in each["sql"] or "removal" in each["sql"]]
        assert len(about) == 3
