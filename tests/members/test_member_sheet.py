"""The sheet of a person and of a structure, on screen."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.domain.phones import parse_phone
from members.domain.members import PlaceValues, add_member
from members.domain.representatives import RepresentativeValues, change_representative
from members.enums import MemberKind
from members.models import Member, PracticePlace, Representative
from tests.factories.members import MemberFactory, StructureFactory

pytestmark = pytest.mark.usefixtures("cpts")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
READERS = [Role.COORDINATOR, Role.TREASURER, Role.BOARD]
OTHERS = [Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR]
ZOE = {
    "kind": MemberKind.NATURAL,
    "last_name": "Essai",
    "first_name": "Zoé",
    "profession": "10",
    "doctor_kind": "specialist",
    "speciality": "Cardiologie",
    "exercise_mode": "mixed",
    "rpps": "10003456786",
    "adeli": "501234567",
    "email": "zoe@example.org",
    "phone": parse_phone("02 33 50 00 01"),
    "in_governance": True,
    "notes": "Préfère le mardi.",
}
DUNES = PlaceValues(
    label="Cabinet des Dunes",
    address="3 rue des Dunes",
    postal_code="50380",
    commune_code="50532",
    commune_name="Saint-Pair-sur-Mer",
)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def structure(cpts):
    return StructureFactory(
        cpts=cpts,
        number=90,
        last_name="Maison de santé du Port",
        finess="500012345",
        siret="73282932000074",
        address="12 quai d’Essai",
        postal_code="50400",
        commune_code="50218",
        commune_name="Granville",
    )


@pytest.fixture
def zoe(cpts, structure):
    places = [PlaceValues(structure=structure), DUNES]
    return add_member(cpts, ZOE, places=places, by=PLATFORM, now=NOW)


def url(member, suffix=""):
    return f"/cpts/{member.cpts.slug}/membres/{member.pk}/{suffix}"


def text(response):
    return re.sub(r"[ \n]+", " ", response.content.decode()).replace("&nbsp;", "\u00a0")


def facts(page):
    """What the page says, by name; tags left out."""
    found = re.findall(r"<dt>(.*?)</dt> ?<dd>(.*?)</dd>", page)
    return {name: re.sub(r" +", " ", re.sub(r"<[^>]+>", " ", value)).strip() for name, value in found}


def state():
    models = (Member, PracticePlace, Representative)
    return [list(model.objects.order_by("pk").values()) for model in models], AuditEntry.objects.count()


class TestPerson:
    def test_it_says_who_they_are(self, zoe, structure, coordinator):
        page = text(coordinator.get(url(zoe)))

        assert facts(page) == {
            "Profession": "Médecin Cardiologie",
            "Mode d’exercice": "Mixte",
            "Numéro RPPS": "10003456786",
            "Ancien numéro ADELI": "501234567",
            "Adresse électronique": "zoe@example.org",
            "Téléphone": "02 33 50 00 01",
            "Participation": "Certaine",
            "Gouvernance": "Y participe",
            "Au registre depuis le": "2 mars 2026",
        }
        assert f'<a href="{url(structure)}">Maison de santé du Port</a>' in page
        for shown in ("lieu principal", "Cabinet des Dunes", "3 rue des Dunes", "50380 Saint-Pair-sur-Mer"):
            assert shown in page
        assert "n°\u00a091 au registre" in page
        assert "clé fausse" not in page

    def test_a_wrong_key_of_rpps_is_said(self, zoe, coordinator):
        Member.objects.filter(pk=zoe.pk).update(rpps="10003456780")
        page = text(coordinator.get(url(zoe)))

        assert "La clé du numéro RPPS est fausse" in page
        assert "clé fausse" in page

    def test_who_has_no_number_misses_nothing(self, cpts, coordinator):
        helper = MemberFactory(cpts=cpts, profession="35")
        page = text(coordinator.get(url(helper)))

        assert facts(page)["Numéro RPPS"] == "Aucun"
        assert "clé" not in page
        assert "Aucun lieu d’exercice." in page

    def test_a_part_to_be_confirmed_is_in_orange_with_its_word(self, zoe, coordinator):
        assert "à confirmer" not in text(coordinator.get(url(zoe)))
        Member.objects.filter(pk=zoe.pk).update(participation="to_confirm")
        page = text(coordinator.get(url(zoe)))

        assert len(re.findall(r'<span class="status status-warning"><svg.*?</svg>à confirmer', page)) == 2

    def test_what_they_represent_is_said_with_its_dates(self, zoe, structure, coordinator):
        values = RepresentativeValues(person=zoe, capacity="gérante")
        made = change_representative(
            structure, values, starts_on=date(2024, 9, 1), seen=None, by=PLATFORM, now=NOW
        )
        page = text(coordinator.get(url(zoe)))
        assert facts(page)["Représente"] == "Maison de santé du Port gérante, depuis le 1er septembre 2024"

        after = RepresentativeValues(name="Dominique Exemple")
        change_representative(structure, after, starts_on=NOW.date(), seen=made.pk, by=PLATFORM, now=NOW)
        assert "Représente" not in facts(text(coordinator.get(url(zoe))))

    @pytest.mark.parametrize("role", READERS)
    def test_notes_and_buttons_are_for_the_coordination(self, zoe, sign_in, role):
        page = text(sign_in(role).get(url(zoe)))

        is_coordinator = role == Role.COORDINATOR
        assert ("Préfère le mardi." in page) == is_coordinator
        assert (f'href="{url(zoe, "modifier/")}"' in page) == is_coordinator
        assert f'href="/cpts/littoral/historique/?objet=members.member%3A{zoe.pk}"' in page

    def test_its_history_is_one_click_away_without_the_notes(self, zoe, sign_in):
        client = sign_in(Role.BOARD)
        page = text(client.get("/cpts/littoral/historique/", {"objet": f"members.member:{zoe.pk}"}))

        assert "a inscrit au registre" in page
        assert "Cardiologie" in page
        assert "Préfère le mardi." not in page

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_the_places(self, cpts, coordinator, django_assert_num_queries, count):
        structures = [StructureFactory(cpts=cpts, number=50 + rank) for rank in range(count)]
        places = [PlaceValues(structure=each) for each in structures]
        member = add_member(cpts, ZOE, places=places, by=PLATFORM, now=NOW)
        for each in structures:
            values = RepresentativeValues(person=member)
            change_representative(each, values, starts_on=date(2025, 1, 1), seen=None, by=PLATFORM, now=NOW)
        # Session, person, roles, CPTS, entry, merged, places, represented; status and periods; two for fees.
        with django_assert_num_queries(12):
            coordinator.get(url(member))


class TestStructure:
    def test_it_says_what_it_is(self, structure, coordinator):
        page = text(coordinator.get(url(structure)))

        said = facts(page)
        assert said["Nature"] == "Centre de santé"
        assert said["Adresse"] == "12 quai d’Essai 50400 Granville"
        assert (said["FINESS"], said["SIRET"]) == ("500012345", "732\u00a0829\u00a0320\u00a000074")
        assert "Personne ne représente cette structure" in page
        assert f'href="{url(structure, "representant/")}"' in page
        assert "Aucune personne du registre." in page

    def test_it_shows_the_people_who_practise_there(self, cpts, zoe, structure, coordinator):
        MemberFactory(cpts=cpts, last_name="Ailleurs")
        left = add_member(
            cpts,
            ZOE | {"last_name": "Partie", "rpps": ""},
            places=[PlaceValues(structure=structure)],
            by=PLATFORM,
            now=NOW,
        )
        left.places.update(archived_at=NOW)
        page = text(coordinator.get(url(structure)))

        assert "Personnes qui y exercent\u00a0: 1" in page
        assert f'<a href="{url(zoe)}">Zoé Essai</a>' in page
        assert "Ailleurs" not in page
        assert "Partie" not in page

    def test_its_representatives_are_said_with_their_dates(self, structure, coordinator):
        seen = None
        for name, day in (
            ("Camille", date(2024, 9, 1)),
            ("Dominique", date(2025, 6, 1)),
            ("Alix", date(2025, 6, 1)),
            ("Claude", date(2026, 9, 1)),
        ):
            seen = change_representative(
                structure, RepresentativeValues(name=name), starts_on=day, seen=seen, by=PLATFORM, now=NOW
            ).pk
        page = text(coordinator.get(url(structure)))

        assert "du 1er septembre 2024 au 31 mai 2025" in page
        assert "n’a pas pris ses fonctions" in page
        assert "du 1er juin 2025 au 31 août 2026" in page
        assert "à partir du 1er septembre 2026" in page
        assert page.count("en fonction<") == page.count("à venir<") == 1

    def test_pages_hold_fifty_people(self, cpts, structure, coordinator):
        for rank in range(51):
            member = MemberFactory(cpts=cpts, number=100 + rank, last_name=f"Rang {rank:02}")
            PracticePlace.objects.create(member=member, structure=structure)

        first, second = (text(coordinator.get(url(structure), {"page": page})) for page in ("1", "2"))
        assert "Rang 49" in first
        assert "Rang 50" not in first
        assert "Rang 50" in second

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_the_people(
        self, cpts, structure, coordinator, django_assert_num_queries, count
    ):
        seen = None
        for rank in range(count):
            member = MemberFactory(cpts=cpts, number=100 + rank)
            PracticePlace.objects.create(member=member, structure=structure, is_main=True)
            day = date(2025, 1, 1 + rank)
            values = RepresentativeValues(person=member)
            seen = change_representative(structure, values, starts_on=day, seen=seen, by=PLATFORM, now=NOW).pk
        # As for a person, with people, their count and the representatives.
        with django_assert_num_queries(13):
            coordinator.get(url(structure))


class TestGone:
    def test_a_merged_entry_leads_to_the_one_that_is_kept(self, cpts, zoe, coordinator):
        middle = MemberFactory(cpts=cpts, number=60, last_name="Doublon", merged_into=zoe)
        first = MemberFactory(cpts=cpts, number=61, last_name="Premier", merged_into=middle)

        for merged in (middle, first):
            for suffix in ("", "modifier/"):
                response = coordinator.get(url(merged, suffix))
                assert (response.status_code, response["Location"]) == (302, url(zoe))
        assert "Camille Doublon, n°\u00a060" in text(coordinator.get(url(zoe)))

    def test_an_anonymised_entry_is_read_and_no_longer_edited(self, zoe, coordinator):
        Member.objects.filter(pk=zoe.pk).update(anonymised_at=NOW)
        page = text(coordinator.get(url(zoe)))

        assert "Cette inscription a été anonymisée" in page
        assert url(zoe, "modifier/") not in page
        assert coordinator.get(url(zoe, "modifier/"))["Location"] == url(zoe)


class TestRefusals:
    def test_strangers_get_nothing(self, zoe, other_cpts, sign_in):
        before = state()
        anonymous = Client().get(url(zoe))

        assert (anonymous.status_code, anonymous["Location"].partition("?")[0]) == (302, "/compte/connexion/")
        assert sign_in(Role.COORDINATOR, other_cpts).get(url(zoe)).status_code == 404
        assert state() == before

    @pytest.mark.parametrize("role", OTHERS)
    def test_a_role_that_does_not_run_the_association_is_told_why(self, zoe, sign_in, role):
        response = sign_in(role).get(url(zoe))

        assert response.status_code == 403
        assert "ouvert à la coordination, à la trésorerie et au bureau" in text(response)
        assert "zoe@example.org" not in text(response)

    def test_an_entry_of_another_cpts_does_not_exist(self, other_cpts, coordinator):
        foreign = MemberFactory(cpts=other_cpts)
        for number in (foreign.pk, 0, 2**63, 2**70):
            assert coordinator.get(f"/cpts/littoral/membres/{number}/").status_code == 404

    def test_it_is_only_read(self, zoe, coordinator):
        assert coordinator.post(url(zoe)).status_code == 405
