"""Coverage on screen: figures, who is missing, one click to an invitation, and what is refused."""

import io
import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from core.access.enums import Role
from core.audit.domain.details import told_by
from core.audit.models import AuditEntry
from members.enums import Participation
from members.models import AdmissionDesk, Member
from tests.factories.directory import NOW, hold, line, load
from tests.factories.members import MemberFactory, MembershipFactory
from tests.factories.territories import GRANVILLE, VILLEDIEU
from tests.test_hostile_input import WRONG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("granville")]
READERS = [Role.COORDINATOR, Role.TREASURER, Role.BOARD]
OTHERS = [Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR]
BASE = "/cpts/littoral/membres/couverture/"
MISSING, INVITE = f"{BASE}absents/", f"{BASE}absents/inviter/"
PAGES = [BASE, f"{BASE}couverture.xlsx", MISSING, f"{MISSING}absents.xlsx"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def littoral(cpts, granville):
    hold(cpts, epci=[GRANVILLE, VILLEDIEU])
    return cpts


@pytest.fixture
def loaded(littoral):
    """A member, a general practitioner of Villedieu and a nurse who are not; a member the file has not."""
    load(
        nurse(1),
        nurse(2, last_name="ESSAI-DEUX", sign="CABINET DU PORT"),
        line(
            identifier="810000000003",
            last_name="GENET",
            first_name="ALIX",
            profession="10",
            skill="SM26",
            commune="50639",
            company="",
        ),
    )
    MembershipFactory(member=MemberFactory(cpts=littoral, rpps="10000000001"))
    MembershipFactory(
        member=MemberFactory(cpts=littoral, last_name="Absent", first_name="Lou", profession="35")
    )
    return littoral


def nurse(number, **values):
    return line(**{"identifier": f"81{number:010d}", "last_name": f"INFIRMIER {number}"} | values)


def text(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[ \n]+", " ", page.replace("&nbsp;", "\u00a0"))


def rows(response):
    return CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("address", PAGES)
class TestWhoOpensThem:
    @pytest.mark.parametrize("role", READERS)
    @pytest.mark.usefixtures("loaded")
    def test_those_who_run_the_association(self, sign_in, address, role):
        assert sign_in(role).get(address).status_code == 200

    @pytest.mark.parametrize("role", OTHERS)
    @pytest.mark.usefixtures("loaded")
    def test_nobody_else(self, sign_in, address, role):
        assert sign_in(role).get(address).status_code == 403

    @pytest.mark.usefixtures("loaded")
    def test_another_cpts_and_nobody(self, sign_in, other_cpts, address):
        assert sign_in(Role.COORDINATOR, other_cpts).get(address).status_code == 404
        assert Client().get(address)["Location"].startswith("/compte/connexion/")

    @pytest.mark.usefixtures("loaded")
    def test_they_are_read_only(self, coordinator, address):
        assert coordinator.post(address).status_code == 405


class TestCoverage:
    def test_before_any_edition_it_says_how_to_begin(self, coordinator):
        for page in (BASE, MISSING):
            said = text(coordinator.get(page))
            assert "L’annuaire national n’est pas encore chargé" in said
            assert "load_health_directory" in said
            assert "Agence du numérique en santé, Licence Ouverte" in said
        assert coordinator.get(PAGES[1])["Location"] == BASE
        assert coordinator.get(PAGES[3])["Location"] == BASE

    @pytest.mark.usefixtures("littoral")
    def test_without_a_territory_it_leads_there(self, sign_in, other_cpts):
        load(nurse(1))

        for page in (BASE, MISSING):
            said = sign_in(Role.COORDINATOR, other_cpts).get(page.replace("littoral", "colline"))
            assert "Le territoire n’est pas encore décidé" in text(said)
            assert 'href="/cpts/colline/territoire/"' in said.content.decode()

    @pytest.mark.usefixtures("loaded")
    def test_the_figures(self, coordinator):
        said = text(coordinator.get(BASE))

        assert "Professionnels en exercice 3 " in said
        assert "Membres parmi eux 1 33,3\u00a0% de couverture" in said
        assert "Pas encore membres 2 " in said
        assert "Infirmier 1 sur 2 50\u00a0% 1 sur 2 50\u00a0% Personne – 0" in said
        assert "Médecin généraliste 0 sur 1 0\u00a0% Personne – 0 sur 1 0\u00a0% 0" in said
        assert "Aide-soignant Personne – Personne – Personne – 1" in said
        assert "édition du 27 février 2026, Licence Ouverte" in said
        assert "Lou Absent sans numéro RPPS" in said

    @pytest.mark.usefixtures("loaded")
    def test_they_narrow_to_an_epci_or_a_commune(self, coordinator):
        assert "Professionnels en exercice 1 " in text(coordinator.get(f"{BASE}?epci={VILLEDIEU}"))
        assert "Professionnels en exercice 2 " in text(coordinator.get(f"{BASE}?commune=50218"))
        nobody = text(coordinator.get(f"{BASE}?commune=50532"))
        assert "Personne n’exerce ici d’après l’annuaire" in nobody

    @pytest.mark.usefixtures("loaded")
    @pytest.mark.parametrize("address", [BASE, MISSING])
    def test_a_commune_of_others_is_refused_and_narrows_nothing(self, coordinator, address):
        response = coordinator.get(f"{address}?commune=35115")

        assert response.status_code == 400
        assert "Une erreur est à corriger" in text(response)

    @pytest.mark.usefixtures("loaded")
    def test_a_territory_decided_since_is_told(self, coordinator, cpts):
        assert "Le territoire a changé" not in text(coordinator.get(BASE))
        cpts.territories.update(recorded_at=NOW.replace(day=3))

        assert "Le territoire a changé depuis la lecture" in text(coordinator.get(BASE))

    def test_who_is_in_no_arrondissement_is_told(self, coordinator, cpts):
        hold(cpts, communes=["69383"])
        load(nurse(1, commune="69383"), nurse(2, commune="69123"))

        assert "1 professionnel de la ville n’est rattaché à aucun arrondissement" in text(
            coordinator.get(BASE)
        )

    @pytest.mark.usefixtures("loaded")
    def test_the_workbook(self, coordinator):
        sheet = rows(coordinator.get(PAGES[1]))

        assert sheet[0][:4] == [
            "Profession",
            "Ensemble, en exercice",
            "Ensemble, membres",
            "Ensemble, couverture",
        ]
        assert sheet[1][:4] == ["Infirmier", 2, 1, 0.5]
        assert sheet[4][:4] == ["Toutes professions", 3, 1, 0.333]
        assert any("édition du 27 février 2026" in str(cell) for row in sheet for cell in row)


class TestWhoIsMissing:
    @pytest.mark.usefixtures("loaded")
    def test_the_list(self, coordinator):
        said = text(coordinator.get(MISSING))

        assert "2 professionnels" in said
        assert "Camille Essai-Deux Infirmier Granville CABINET DU PORT Inviter Camille Essai-Deux" in said
        assert "Alix Genet Médecin généraliste Villedieu-les-Poêles-Rouffigny Inviter Alix Genet" in said

    @pytest.mark.usefixtures("loaded")
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("recherche=genet", ["Genet"]),
            ("recherche=du+port", ["Essai-Deux"]),
            ("profession=60", ["Essai-Deux"]),
            ("profession=10-mg", ["Genet"]),
            (f"epci={GRANVILLE}", ["Essai-Deux"]),
            ("commune=50639", ["Genet"]),
            ("commune=50639&profession=60", []),
        ],
    )
    def test_filters(self, coordinator, query, found):
        sheet = rows(coordinator.get(f"{PAGES[3]}?{query}"))

        assert [row[0] for row in sheet[1:]] == found
        said = text(coordinator.get(f"{MISSING}?{query}"))
        assert ("Personne ne correspond" in said) == (not found)

    @pytest.mark.usefixtures("littoral")
    def test_nobody_is_missing(self, coordinator, cpts):
        load(nurse(1))
        MembershipFactory(member=MemberFactory(cpts=cpts, rpps="10000000001"))

        assert "Personne ne manque" in text(coordinator.get(MISSING))

    @pytest.mark.usefixtures("loaded")
    def test_only_the_coordination_invites(self, sign_in):
        assert INVITE not in re.findall(
            'formaction="(.*?)"', sign_in(Role.BOARD).get(MISSING).content.decode()
        )
        assert "Inviter" not in text(sign_in(Role.BOARD).get(MISSING))

    @pytest.mark.usefixtures("littoral")
    def test_pages_and_queries(self, coordinator, cpts):
        load(nurse(1))
        with CaptureQueriesContext(connection) as few:
            coordinator.get(MISSING)
        load(*(nurse(number) for number in range(1, 61)))
        MemberFactory(cpts=cpts, rpps="10000000002")
        with CaptureQueriesContext(connection) as many:
            first = coordinator.get(MISSING)

        assert len(few) == len(many) <= 15
        assert "Page 1 sur 3" in text(first)
        assert "60 professionnels" in text(coordinator.get(f"{MISSING}?page=3"))


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("address", PAGES)
def test_whatever_is_asked_is_answered(coordinator, address):
    for wrong in WRONG:
        asked = dict.fromkeys(("recherche", "profession", "epci", "commune", "page"), wrong)
        query = urlencode(asked, errors="surrogatepass")
        assert coordinator.get(address, QUERY_STRING=query).status_code in (200, 400), wrong


class TestInviting:
    def invite(self, client, key="810000000003-10"):
        return client.post(INVITE, {"professionnel": key})

    @pytest.mark.usefixtures("loaded")
    def test_one_click_opens_a_contact_to_confirm_and_leads_to_the_message(self, coordinator, cpts):
        response = self.invite(coordinator)

        member = Member.objects.get(rpps="10000000003")
        assert response["Location"] == f"/cpts/littoral/membres/{member.pk}/invitation/"
        assert (member.last_name, member.first_name, member.profession, member.doctor_kind) == (
            "Genet",
            "Alix",
            "10",
            "general",
        )
        assert (member.participation, member.exercise_mode) == (Participation.TO_CONFIRM, "liberal")
        assert (member.commune_code, member.commune_name) == ("50639", "Villedieu-les-Poêles-Rouffigny")
        assert (member.cpts, member.last_membership) == (cpts, None)
        entry = AuditEntry.objects.get(action="members.member_added")
        assert told_by([entry])[0].note == "Depuis l’annuaire national, édition du 27 février 2026"
        listed = coordinator.get(MISSING)
        assert "Sans adhésion \u00a0: fiche de Alix Genet Message d’invitation à Alix Genet" in text(listed)
        assert response["Location"] in listed.content.decode()

    @pytest.mark.usefixtures("loaded")
    def test_twice_makes_one_and_leads_to_their_sheet(self, coordinator):
        self.invite(coordinator)
        before = Member.objects.count()

        response = self.invite(coordinator)

        member = Member.objects.get(rpps="10000000003")
        assert response["Location"] == f"/cpts/littoral/membres/{member.pk}/"
        assert Member.objects.count() == before
        assert AuditEntry.objects.filter(action="members.member_added").count() == 1

    @pytest.mark.parametrize(
        "known",
        [
            {"last_name": "Genêt", "first_name": "Alix", "profession": "10"},
            {"last_name": "Autrement", "rpps": "10000000003", "profession": ""},
        ],
    )
    def test_whoever_is_in_the_registry_is_recognised(self, coordinator, loaded, known):
        member = MemberFactory(cpts=loaded, **known)

        response = self.invite(coordinator)

        assert response["Location"] == f"/cpts/littoral/membres/{member.pk}/"
        assert not AuditEntry.objects.filter(action="members.member_added").exists()

    @pytest.mark.usefixtures("loaded")
    @pytest.mark.parametrize("key", ["", "810000000003", "810000000003-60", "x", "8" * 5000, "\x00"])
    def test_who_is_not_in_practice_there_is_refused(self, coordinator, key):
        before = Member.objects.count()

        response = coordinator.post(INVITE, {"professionnel": key}, follow=True)

        assert response.redirect_chain[0][0] == MISSING
        assert "n’est plus, dans l’annuaire national" in text(response)
        assert Member.objects.count() == before

    @pytest.mark.usefixtures("littoral")
    def test_of_another_territory_neither(self, coordinator, other_cpts):
        hold(other_cpts, communes=["35115"])
        load(nurse(1), nurse(9, commune="35115"))
        before = Member.objects.count()

        assert self.invite(coordinator, "810000000009-60")["Location"] == MISSING
        assert Member.objects.count() == before

    @pytest.mark.usefixtures("loaded")
    def test_refusals(self, sign_in, coordinator, other_cpts):
        for role in (Role.TREASURER, Role.BOARD, *OTHERS):
            assert self.invite(sign_in(role)).status_code == 403
        assert self.invite(sign_in(Role.COORDINATOR, other_cpts)).status_code == 404
        assert self.invite(Client())["Location"].startswith("/compte/connexion/")
        assert coordinator.get(INVITE).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = coordinator.cookies
        assert self.invite(strict).status_code == 403
        assert not AuditEntry.objects.filter(action="members.member_added").exists()


class TestTheMessage:
    def url(self, member):
        return f"/cpts/littoral/membres/{member.pk}/invitation/"

    def test_it_names_the_form_while_it_is_open_and_says_where_data_come_from(self, coordinator, loaded):
        loaded.contact_email = "contact@example.org"
        loaded.representative_name, loaded.representative_capacity = "Maxime Essai", "présidence"
        loaded.save()
        member = MemberFactory(cpts=loaded, commune_code="50218", commune_name="Granville")
        closed = text(coordinator.get(self.url(member)))
        AdmissionDesk.objects.create(cpts=loaded, is_open=True, since=NOW)
        opened = text(coordinator.get(self.url(member)))

        assert "écrivez-nous à contact@example.org." in closed
        assert "Le formulaire public d’adhésion est fermé" in closed
        assert "http://testserver/adherer/littoral/" in opened
        assert "est fermé" not in opened
        for said in (opened, closed):
            assert "CPTS du Littoral d’essai réunit" in said
            assert "Vous exercez à Granville" in said
            assert (
                "publié en libre accès par l’Agence du numérique en santé, édition du 27 février 2026" in said
            )
            assert "Maxime Essai, présidence" in said

    def test_refusals(self, sign_in, coordinator, cpts, other_cpts):
        member, of_others = MemberFactory(cpts=cpts), MemberFactory(cpts=other_cpts)

        for role in (Role.TREASURER, Role.BOARD, *OTHERS):
            assert sign_in(role).get(self.url(member)).status_code == 403
        assert sign_in(Role.COORDINATOR, other_cpts).get(self.url(member)).status_code == 404
        assert coordinator.get(self.url(of_others)).status_code == 404
        assert coordinator.post(self.url(member)).status_code == 405
        assert Client().get(self.url(member))["Location"].startswith("/compte/connexion/")
