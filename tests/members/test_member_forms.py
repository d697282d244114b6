"""The forms of the registry: people, structures, representatives, and what they suggest."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from core.access.enums import Role
from core.audit.models import AuditEntry
from members.domain.members import PlaceValues, places_of
from members.models import Member, PracticePlace, Representative
from tests.factories.members import MemberFactory, StructureFactory

pytestmark = pytest.mark.usefixtures("granville", "cpts")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REGISTRY = "/cpts/littoral/membres/"
PERSON, STRUCTURE = f"{REGISTRY}ajouter/personne/", f"{REGISTRY}ajouter/structure/"
OTHERS = [Role.TREASURER, Role.BOARD, Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR]
ROWS = {
    "lieux-TOTAL_FORMS": "3",
    "lieux-INITIAL_FORMS": "0",
    "lieux-MIN_NUM_FORMS": "0",
    "lieux-MAX_NUM_FORMS": "12",
    "lieu-principal": "0",
}
ZOE = ROWS | {
    "revision": "1",
    "last_name": "D’Œuvre",
    "first_name": "Zoé",
    "profession": "10",
    "doctor_kind": "general",
    "speciality": "",
    "exercise_mode": "liberal",
    "rpps": "1000 345 6786",
    "adeli": "50 12 3456 7",
    "email": "zoe@example.org",
    "phone": "02 33 50 00 01",
    "participation": "to_confirm",
    "in_governance": "on",
    "notes": "Préfère le mardi.",
}
PORT = {
    "revision": "1",
    "last_name": "Maison de santé du Port",
    "structure_kind": "msp",
    "finess": "50 001 2345",
    "siret": "732 829 320 00074",
    "address": "12 quai d’Essai",
    "postal_code": "50400",
    "commune": "granville",
    "email": "port@example.org",
    "phone": "",
    "participation": "certain",
    "notes": "",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def port(cpts):
    return StructureFactory(cpts=cpts, number=50, last_name="Maison de santé du Port")


def row(rank, **values):
    return {f"lieux-{rank}-{name}": value for name, value in values.items()}


def text(response):
    return re.sub(r"[ \n]+", " ", response.content.decode()).replace("&nbsp;", "\u00a0")


def state():
    models = (Member, PracticePlace, Representative)
    return [list(model.objects.order_by("pk").values()) for model in models], AuditEntry.objects.count()


class TestPerson:
    def test_what_is_typed_is_kept_and_normalised(self, cpts, port, coordinator):
        places = row(0, structure="maison de sante du PORT") | row(
            2,
            label="Cabinet des Dunes",
            address=" 3 rue  des Dunes",
            postal_code="50380",
            commune="st pair sur mer",
        )
        response = coordinator.post(PERSON, ZOE | places)

        member = Member.objects.get(first_name="Zoé")
        assert (response.status_code, response["Location"]) == (302, f"{REGISTRY}{member.pk}/")
        assert (member.cpts, member.number, member.kind) == (cpts, 51, "natural")
        assert (member.rpps, member.adeli, str(member.phone)) == ("10003456786", "501234567", "+33233500001")
        assert (member.doctor_kind, member.participation, member.in_governance) == (
            "general",
            "to_confirm",
            True,
        )
        assert places_of(member) == [
            PlaceValues(structure=port),
            PlaceValues(
                label="Cabinet des Dunes",
                address="3 rue des Dunes",
                postal_code="50380",
                commune_code="50532",
                commune_name="Saint-Pair-sur-Mer",
            ),
        ]
        assert "est au registre, sous le numéro 51." in text(coordinator.get(response["Location"]))

    def test_the_main_place_is_the_one_chosen(self, coordinator):
        coordinator.post(
            PERSON,
            ZOE
            | row(0, commune="Granville")
            | row(1, commune="Saint-Pair-sur-Mer (50532)")
            | {"lieu-principal": "1"},
        )

        member = Member.objects.get()
        assert member.commune_name == "Saint-Pair-sur-Mer"
        assert [each.commune_name for each in places_of(member)] == ["Saint-Pair-sur-Mer", "Granville"]

    def test_the_choice_of_the_main_place_is_shown_and_outlives_a_refusal(self, coordinator):
        typed = ZOE | row(0, commune="Granville") | row(1, commune="Granville", label="Cabinet")
        refused = text(coordinator.post(PERSON, typed | {"lieu-principal": "1", "rpps": "1"}))
        coordinator.post(PERSON, typed)
        stored = text(coordinator.get(f"{REGISTRY}{Member.objects.get().pk}/modifier/"))

        chosen = r'<input [^>]*name="lieu-principal"[^>]* value="(\w+)" checked>'
        assert re.findall(chosen, refused) == ["1"]
        assert re.findall(chosen, stored) == ["0"]

    def test_a_wrong_key_of_rpps_is_kept_and_said(self, coordinator):
        response = coordinator.post(PERSON, ZOE | {"rpps": "10003456780"})

        assert response.status_code == 302
        page = text(coordinator.get(response["Location"]))
        assert "est au registre" in page
        assert "La clé du numéro RPPS est fausse" in page

    def test_a_person_needs_a_name_alone(self, coordinator):
        bare = ROWS | {"revision": "1", "last_name": "Essai", "first_name": "Zoé", "participation": "certain"}
        assert coordinator.post(PERSON, bare).status_code == 302
        member = Member.objects.get()
        assert (member.rpps, member.profession, member.commune_code) == ("", "", "")

    def test_a_medicine_is_that_of_a_doctor(self, coordinator):
        coordinator.post(PERSON, ZOE | {"profession": "60"})
        assert Member.objects.get().doctor_kind == ""

    def test_professions_come_in_two_groups_in_the_order_of_the_alphabet(self, coordinator):
        page = text(coordinator.get(PERSON))

        health, social = re.findall(r'<optgroup label="Professions [^"]+">(.*?)</optgroup>', page)
        assert (
            health.startswith('<option value="36">Ambulancier</option><option value="35">Aide-soignant')
            is False
        )
        names = re.findall(r">([^<]+)</option>", health)
        assert (names[0], names[-1], len(names)) == ("Aide-soignant", "Technicien de laboratoire médical", 30)
        assert len(re.findall("<option", social)) == 5
        assert "Éducateur spécialisé" in social

    def test_the_blank_form_has_three_rows_of_places_and_a_warning_about_health(self, coordinator):
        page = text(coordinator.get(PERSON))

        assert page.count('<fieldset class="place place-blank">') == 4  # the fourth waits for scripts
        assert 'name="lieux-2-structure"' in page
        assert "Aucune donnée de santé ici" in page
        assert "Rien sur un patient, rien sur la santé d’un membre" in page

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("last_name", " ", "obligatoire"),
            ("last_name", "x" * 151, "150"),
            ("first_name", "", "obligatoire"),
            ("profession", "99", "Choisissez dans la liste"),
            ("doctor_kind", "zorro", "Choisissez dans la liste"),
            ("exercise_mode", "zorro", "Choisissez dans la liste"),
            ("rpps", "123", "onze chiffres"),
            ("rpps", "1000345678X", "onze chiffres"),
            ("adeli", "12", "neuf caractères"),
            ("email", "nobody", "il faut un nom, un @"),
            ("phone", "12", "ne peut pas être composé"),
            ("participation", "", "certaine ou à confirmer"),
            ("participation", "zorro", "Choisissez dans la liste"),
            ("notes", "x" * 5001, "5000"),
            ("notes", "nul\x00", "nul"),
            ("revision", "abc", "entier"),
            ("lieux-0-structure", "Nulle part", "Aucune structure du registre"),
            ("lieux-0-structure", "Ailleurs (n° 999999999)", "Aucune structure du registre"),
            ("lieux-0-commune", "Atlantide", "Aucune commune"),
            ("lieux-0-commune", "Granville (99999)", "Aucune commune"),
            ("lieux-0-commune", "saint-sauveur", "Plusieurs réponses"),
            ("lieux-1-postal_code", "5040A", "cinq chiffres"),
            ("lieux-1-label", "x" * 151, "150"),
            ("lieux-TOTAL_FORMS", "abc", "ManagementForm"),
            ("lieux-TOTAL_FORMS", "999999999", "12"),
        ],
    )
    def test_a_wrong_value_is_explained_and_all_that_was_typed_stays(
        self, coordinator, field, value, sentence
    ):
        kept = ZOE | {"speciality": "gardée"} | row(2, address="2 rue gardée")
        response = coordinator.post(PERSON, kept | {field: value})

        page = text(response)
        assert response.status_code == 400
        assert sentence in page
        assert 'role="alert"' in page
        assert 'value="gardée"' in page
        assert field == "lieux-TOTAL_FORMS" or 'value="2 rue gardée"' in page
        assert state() == ([[], [], []], 0)

    def test_an_error_is_summed_up_with_a_link_to_its_field(self, coordinator):
        page = text(coordinator.post(PERSON, ZOE | {"rpps": "1"} | row(1, postal_code="5")))

        assert "2 erreurs sont à corriger" in page
        assert 'href="#id_rpps"' in page
        assert 'href="#id_lieux-1-postal_code"' in page
        assert 'id="id_lieux-1-postal_code_error"><p>' in page

    def test_a_commune_is_chosen_among_its_namesakes(self, coordinator):
        places = row(0, commune="saint-sauveur")
        page = text(coordinator.post(PERSON, ZOE | places))
        choices = re.findall(r'name="lieux-0-commune_choice" value="(\w+)"', page)

        assert {"05156", "21571", "29262"} <= set(choices)
        response = coordinator.post(PERSON, ZOE | places | row(0, commune_choice="29262"))
        assert response.status_code == 302
        assert Member.objects.get().commune_code == "29262"

    def test_a_choice_that_was_not_offered_is_no_choice(self, coordinator):
        places = row(0, commune="saint-sauveur", commune_choice="50218")
        assert coordinator.post(PERSON, ZOE | places).status_code == 400

    def test_a_city_is_one_of_its_arrondissements(self, coordinator):
        page = text(coordinator.post(PERSON, ZOE | row(0, commune="Paris")))

        assert 'name="lieux-0-commune_choice" value="75112"' in page
        assert "75056" not in page
        coordinator.post(PERSON, ZOE | row(0, commune="Paris", commune_choice="75112"))
        assert Member.objects.get().commune_code == "75112"

    def test_a_structure_is_chosen_among_those_that_begin_so(self, cpts, port, coordinator):
        StructureFactory(cpts=cpts, number=51, last_name="Maison de santé des Dunes")
        page = text(coordinator.post(PERSON, ZOE | row(0, structure="maison de santé")))

        assert re.findall(r'name="lieux-0-structure_choice" value="(\d+)"', page) == ["51", "50"]
        coordinator.post(PERSON, ZOE | row(0, structure="maison de santé", structure_choice="50"))
        assert Member.objects.get(kind="natural").places.get().structure == port

    def test_the_structure_of_another_cpts_is_none(self, other_cpts, coordinator):
        StructureFactory(cpts=other_cpts, number=50, last_name="Ailleurs")
        before = state()
        for typed in ("Ailleurs", "Ailleurs (n° 50)"):
            response = coordinator.post(PERSON, ZOE | row(0, structure=typed))
            assert response.status_code == 400
            assert "Aucune structure du registre" in text(response)
        assert state() == before

    def test_a_person_is_no_structure(self, cpts, coordinator):
        MemberFactory(cpts=cpts, number=50, last_name="Seule")
        response = coordinator.post(PERSON, ZOE | row(0, structure="Camille Seule (n° 50)"))
        assert response.status_code == 400

    def test_a_form_sent_twice_is_written_once(self, coordinator):
        sent = ZOE | row(0, commune="Granville")
        first = coordinator.post(PERSON, sent)
        before = state()
        again = coordinator.post(PERSON, sent)

        assert (again.status_code, again["Location"], state()) == (302, first["Location"], before)

    def test_who_looks_like_somebody_is_looked_at_first(self, coordinator):
        coordinator.post(PERSON, ZOE | row(0, commune="Granville"))
        before = state()
        twin = ZOE | row(0, commune="Granville") | {"rpps": "", "email": "autre@example.org"}
        response = coordinator.post(PERSON, twin)

        page = text(response)
        (there,) = Member.objects.all()
        assert response.status_code == 409
        assert (
            f'<a href="{REGISTRY}{there.pk}/">Zoé D’Œuvre</a>, n°\u00a01, Granville\u00a0: '
            "même nom, même commune" in page
        )
        assert 'value="autre@example.org"' in page
        assert f'name="autres" value="{there.pk}"' in page
        assert state() == before

        assert coordinator.post(PERSON, twin | {"autres": str(there.pk)}).status_code == 302
        assert Member.objects.count() == 2

    @pytest.mark.parametrize("answer", ["", "0", "x", "²", "9" * 5000, "1,,2", "-1"])
    def test_an_answer_about_others_tells_nobody_apart(self, coordinator, answer):
        coordinator.post(PERSON, ZOE)
        before = state()
        response = coordinator.post(
            PERSON, ZOE | {"rpps": "", "email": "autre@example.org", "autres": answer}
        )
        expected = 302 if str(Member.objects.get(number=1).pk) in answer.split(",") else 409
        assert response.status_code == expected
        assert expected == 302 or state() == before

    def test_an_rpps_that_is_taken_is_said_beside_its_field(self, coordinator):
        coordinator.post(PERSON, ZOE)
        before = state()
        response = coordinator.post(PERSON, ZOE | {"last_name": "Autre", "email": ""})

        assert response.status_code == 400
        assert "déjà celui de Zoé D’Œuvre, numéro 1 au registre" in text(response)
        assert 'href="#id_rpps"' in text(response)
        assert state() == before


class TestEditing:
    @pytest.fixture
    def zoe(self, coordinator, port):
        sent = ZOE | row(0, structure=port.name) | row(1, commune="Granville", address="1 rue d’Essai")
        coordinator.post(PERSON, sent)
        return Member.objects.get(first_name="Zoé")

    @pytest.fixture
    def edit(self, zoe):
        return f"{REGISTRY}{zoe.pk}/modifier/"

    def stored(self, **values):
        """What the browser sends back untouched, but for `values`."""
        there = row(0, structure="Maison de santé du Port (n°\u00a050)") | row(
            1, commune="Granville (50218)", address="1 rue d’Essai"
        )
        rows = {"lieux-TOTAL_FORMS": "5", "lieux-INITIAL_FORMS": "2"}
        return ZOE | rows | there | values

    def test_the_form_shows_what_is_stored(self, coordinator, edit):
        page = text(coordinator.get(edit))

        for shown in (
            'value="10003456786"',
            'value="02 33 50 00 01"',
            'value="Maison de santé du Port (n°\u00a050)"',
            'value="Granville (50218)"',
            '<option value="10" selected>Médecin</option>',
            "Préfère le mardi.</textarea>",
            'name="lieux-INITIAL_FORMS" value="2"',
        ):
            assert shown in page

    def test_a_form_sent_back_untouched_writes_nothing(self, coordinator, edit, zoe):
        before = state()
        response = coordinator.post(edit, self.stored())

        assert (response.status_code, response["Location"], state()) == (302, f"{REGISTRY}{zoe.pk}/", before)

    def test_a_correction_is_written_once(self, coordinator, edit, zoe):
        sent = self.stored(last_name="Exemple", **row(2, label="Ailleurs"))
        coordinator.post(edit, sent)
        before = state()

        assert coordinator.post(edit, sent).status_code == 302
        assert state() == before
        zoe.refresh_from_db()
        assert (zoe.last_name, zoe.revision) == ("Exemple", 2)
        assert [place.label for place in places_of(zoe)] == ["", "", "Ailleurs"]

    def test_a_place_is_removed(self, coordinator, edit, zoe):
        coordinator.post(edit, self.stored(**{"lieux-0-DELETE": "on", "lieux-0-postal_code": "wrong"}))

        (left,) = places_of(zoe)
        assert left.address == "1 rue d’Essai"
        zoe.refresh_from_db()
        assert zoe.commune_name == "Granville"

    def test_who_practises_nowhere_has_no_commune(self, coordinator, edit, zoe):
        coordinator.post(edit, self.stored(**{"lieux-0-DELETE": "on", "lieux-1-DELETE": "on"}))

        zoe.refresh_from_db()
        assert (places_of(zoe), zoe.commune_code, zoe.commune_name) == ([], "", "")

    def test_a_commune_that_is_gone_from_the_code_stays(self, coordinator, edit, zoe):
        zoe.places.update(commune_code="50999", commune_name="Ancienne")
        sent = self.stored(**row(0, commune="Ancienne (50999)"), **row(1, commune="Ancienne (50999)"))
        assert coordinator.post(edit, sent | {"email": "z@example.org"}).status_code == 302
        assert {each.commune_code for each in places_of(zoe)} == {"50999"}

    def test_what_another_person_wrote_is_shown_beside_what_was_typed(self, coordinator, sign_in, edit, zoe):
        other = self.stored(
            email="autre@example.org", profession="60", **{"lieux-1-address": "2 rue d’Essai"}
        )
        sign_in(Role.COORDINATOR).post(edit, other)
        before = state()
        sent = self.stored(speciality="gardée")
        response = coordinator.post(edit, sent)

        assert response.status_code == 409
        page = text(response)
        assert "Une autre personne a enregistré cette fiche entre-temps" in page
        for conflict in (
            "Adresse électronique\u00a0: autre@example.org",
            "Profession\u00a0: Infirmier",
            "Lieux d’exercice\u00a0: Maison de santé du Port\u00a0; Granville, 2 rue d’Essai",
        ):
            assert f"<li>{conflict}</li>" in page
        assert 'value="gardée"' in page
        assert 'name="revision" value="2"' in page
        assert state() == before
        assert coordinator.post(edit, sent | {"revision": "2"}).status_code == 302
        zoe.refresh_from_db()
        assert (zoe.email, zoe.speciality) == ("zoe@example.org", "gardée")

    def test_an_entry_merged_meanwhile_is_not_corrected(self, cpts, coordinator, edit, zoe):
        Member.objects.filter(pk=zoe.pk).update(merged_into=MemberFactory(cpts=cpts, number=70))
        before = state()
        response = coordinator.post(edit, self.stored(last_name="Exemple"))

        assert response.status_code == 400
        assert "fusionnée ou anonymisée" in text(response)
        assert 'value="Exemple"' in text(response)
        assert state() == before

    def test_a_wrong_value_changes_nothing(self, coordinator, edit):
        before = state()
        for field, value in (("rpps", "1"), ("last_name", ""), ("lieux-1-commune", "Atlantide")):
            assert coordinator.post(edit, self.stored(**{field: value})).status_code == 400
        assert state() == before

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_the_places(self, cpts, coordinator, django_assert_num_queries, count):
        member = MemberFactory(cpts=cpts)
        for rank in range(count):
            structure = StructureFactory(cpts=cpts, number=80 + rank)
            PracticePlace.objects.create(member=member, structure=structure)
        # Session, person, roles, CPTS, entry, places.
        with django_assert_num_queries(6):
            coordinator.get(f"{REGISTRY}{member.pk}/modifier/")


class TestStructure:
    def test_what_is_typed_is_kept_and_normalised(self, cpts, coordinator):
        response = coordinator.post(STRUCTURE, PORT)

        structure = Member.objects.get()
        assert (response.status_code, response["Location"]) == (302, f"{REGISTRY}{structure.pk}/")
        assert (structure.kind, structure.structure_kind, structure.cpts) == ("legal", "msp", cpts)
        assert (structure.siret, structure.finess) == ("73282932000074", "500012345")
        assert (structure.commune_code, structure.commune_name) == ("50218", "Granville")

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("last_name", "", "obligatoire"),
            ("structure_kind", "", "Choisissez la nature"),
            ("structure_kind", "zorro", "Choisissez dans la liste"),
            ("finess", "5", "neuf chiffres"),
            ("siret", "12345678912345", "clé fausse"),
            ("siret", "1", "quatorze chiffres"),
            ("postal_code", "5040A", "cinq chiffres"),
            ("commune", "Atlantide", "Aucune commune"),
            ("commune", "saint-sauveur", "Plusieurs réponses"),
            ("commune", "x" * 201, "200"),
        ],
    )
    def test_a_wrong_value_is_explained_and_all_that_was_typed_stays(
        self, coordinator, field, value, sentence
    ):
        response = coordinator.post(STRUCTURE, PORT | {"address": "gardée", field: value})

        assert response.status_code == 400
        assert sentence in text(response)
        assert 'value="gardée"' in text(response)
        assert state() == ([[], [], []], 0)

    def test_a_postal_code_with_one_commune_is_enough(self, coordinator):
        coordinator.post(STRUCTURE, PORT | {"commune": "50218"})
        assert Member.objects.get().commune_name == "Granville"

    def test_a_form_sent_twice_is_written_once(self, coordinator):
        coordinator.post(STRUCTURE, PORT)
        before = state()
        assert (coordinator.post(STRUCTURE, PORT).status_code, state()) == (302, before)

    def test_the_same_siret_is_looked_at_first(self, coordinator):
        coordinator.post(STRUCTURE, PORT)
        before = state()
        response = coordinator.post(STRUCTURE, PORT | {"last_name": "Autre nom"})

        assert response.status_code == 409
        assert "même commune, même SIRET, même FINESS, même adresse électronique" in text(response)
        assert "C’est une autre structure" in text(response)
        assert state() == before

    def test_what_another_person_wrote_is_shown_beside_what_was_typed(self, coordinator, sign_in):
        coordinator.post(STRUCTURE, PORT)
        edit = f"{REGISTRY}{Member.objects.get().pk}/modifier/"
        sign_in(Role.COORDINATOR).post(
            edit, PORT | {"commune": "Saint-Pair-sur-Mer", "structure_kind": "esp"}
        )
        before = state()
        response = coordinator.post(edit, PORT | {"address": "gardée"})

        page = text(response)
        assert response.status_code == 409
        assert "<li>Nature\u00a0: Équipe de soins primaires</li>" in page
        assert "<li>Commune\u00a0: Saint-Pair-sur-Mer (50532)</li>" in page
        assert 'value="gardée"' in page
        assert state() == before
        assert coordinator.post(edit, PORT | {"address": "gardée", "revision": "2"}).status_code == 302
        assert Member.objects.get().commune_name == "Granville"


class TestRepresentative:
    SENT = {
        "seen": "",
        "person": "",
        "name": "Dominique Exemple",
        "capacity": "gérante",
        "email": "d@example.org",
        "starts_on": "2024-09-01",
    }

    @pytest.fixture
    def address(self, port):
        return f"{REGISTRY}{port.pk}/representant/"

    def test_a_name_is_given_then_a_person_of_the_registry(self, cpts, port, coordinator, address):
        zoe = MemberFactory(cpts=cpts, number=60, first_name="Zoé", last_name="Essai")
        response = coordinator.post(address, self.SENT)
        assert (response.status_code, response["Location"]) == (302, f"{REGISTRY}{port.pk}/")
        first = Representative.objects.get()
        page = text(coordinator.get(address))
        assert "Dominique Exemple, gérante la représente depuis le 1er septembre 2024." in page
        assert f'name="seen" value="{first.pk}"' in page

        after = {"seen": first.pk, "person": "zoe essai", "name": "", "starts_on": "05/01/2026"}
        assert coordinator.post(address, self.SENT | after).status_code == 302
        second = Representative.objects.latest("pk")
        assert (second.person, second.starts_on, second.ends_on) == (zoe, date(2026, 1, 5), None)
        first.refresh_from_db()
        assert first.ends_on == date(2026, 1, 5)

    def test_a_form_sent_twice_is_written_once(self, coordinator, address):
        coordinator.post(address, self.SENT)
        before = state()
        assert (coordinator.post(address, self.SENT).status_code, state()) == (302, before)

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"name": ""}, "Choisissez une personne du registre, ou écrivez un nom."),
            ({"person": "Camille Seule"}, "pas les deux"),
            ({"person": "Personne", "name": ""}, "Personne ne porte ce nom au registre"),
            ({"person": "Camille", "name": ""}, "Plusieurs réponses"),
            ({"email": "nobody"}, "il faut un nom, un @"),
            ({"starts_on": ""}, "Donnez le jour"),
            ({"starts_on": "2026-02-30"}, "n’existe pas"),
            ({"starts_on": "2030-01-01"}, "dans les deux ans"),
            ({"starts_on": "1800-01-01"}, "dans les deux ans"),
            ({"name": "x" * 151}, "150"),
            ({"seen": "x"}, "entier"),
        ],
    )
    def test_a_wrong_value_is_explained_and_all_that_was_typed_stays(
        self, cpts, coordinator, address, values, sentence
    ):
        for rank in (60, 61):
            MemberFactory(cpts=cpts, number=rank)
        before = state()
        response = coordinator.post(address, self.SENT | {"capacity": "gardée"} | values)

        assert response.status_code == 400
        assert sentence in text(response)
        assert 'value="gardée"' in text(response)
        assert state() == before

    def test_a_change_before_the_former_began_is_refused_beside_its_field(self, coordinator, address):
        coordinator.post(address, self.SENT)
        before = state()
        seen = Representative.objects.get().pk
        response = coordinator.post(
            address, self.SENT | {"seen": seen, "name": "Autre", "starts_on": "2024-08-31"}
        )
        assert response.status_code == 400
        assert "depuis le 1er septembre 2024" in text(response)
        assert 'href="#id_starts_on"' in text(response)
        assert state() == before

    def test_somebody_else_s_change_is_shown_not_written_over(self, coordinator, address):
        coordinator.post(address, self.SENT)
        before = state()
        response = coordinator.post(address, self.SENT | {"name": "Autre"})

        page = text(response)
        assert response.status_code == 409
        assert "Le représentant a changé pendant votre saisie" in page
        assert "Dominique Exemple, gérante, depuis le 1er septembre 2024" in page
        assert 'value="Autre"' in page
        assert f'name="seen" value="{Representative.objects.get().pk}"' in page
        assert state() == before

    def test_a_person_has_none(self, cpts, coordinator):
        member = MemberFactory(cpts=cpts)
        assert coordinator.get(f"{REGISTRY}{member.pk}/representant/").status_code == 404


class TestSuggestions:
    def options(self, client, kind, typed):
        response = client.get(f"{REGISTRY}proposer/{kind}/", {"texte": typed})
        assert response.status_code == 200
        return re.findall(r'<option value="([^"]+)">([^<]*)</option>', response.content.decode())

    def test_structures_and_people_are_those_of_the_registry(self, cpts, other_cpts, port, coordinator):
        Member.objects.filter(pk=port.pk).update(commune_name="Granville")
        StructureFactory(cpts=other_cpts, last_name="Maison d’ailleurs")
        MemberFactory(cpts=cpts, number=60, first_name="Zoé", last_name="Maison")

        port_text = "Maison de santé du Port (n°\u00a050)"
        assert self.options(coordinator, "structures", "sante MAIS") == [(port_text, "Granville")]
        assert self.options(coordinator, "personnes", "mai") == [("Zoé Maison (n°\u00a060)", "Infirmier")]
        for typed in ("", "…", "rien"):
            assert self.options(coordinator, "structures", typed) == []

    def test_communes_of_the_departement_come_first(self, coordinator):
        found = self.options(coordinator, "communes", "saint-")
        assert len(found) == 12
        assert {place for _, place in found} == {"Manche"}
        assert self.options(coordinator, "communes", "50218") == [("Granville (50218)", "Manche")]

    def test_five_hundred_structures_cost_what_one_does(self, cpts, coordinator, django_assert_num_queries):
        for rank in range(500):
            StructureFactory(cpts=cpts, number=100 + rank, last_name=f"Maison {rank:03}")
        # Session, person, roles, CPTS, structures.
        with django_assert_num_queries(5):
            assert len(self.options(coordinator, "structures", "maison")) == 12

    @pytest.mark.parametrize("typed", ["\x00", "é" * 10_000, "%", "' OR 1=1 --"])
    def test_anything_typed_is_answered(self, coordinator, typed):
        for kind in ("communes", "structures", "personnes"):
            self.options(coordinator, kind, typed)


class TestRefusals:
    @pytest.fixture
    def urls(self, cpts, port):
        member = MemberFactory(cpts=cpts, number=60)
        return [
            PERSON,
            STRUCTURE,
            f"{REGISTRY}{member.pk}/modifier/",
            f"{REGISTRY}{port.pk}/representant/",
        ]

    def test_strangers_get_nothing(self, urls, other_cpts, sign_in):
        before = state()
        foreign = sign_in(Role.COORDINATOR, other_cpts)
        for url in urls:
            for method in ("get", "post"):
                anonymous = getattr(Client(), method)(url)
                assert anonymous["Location"].partition("?")[0] == "/compte/connexion/"
                assert getattr(foreign, method)(url).status_code == 404
        assert state() == before

    @pytest.mark.parametrize("role", OTHERS)
    def test_only_the_coordination_writes(self, urls, sign_in, role):
        before, client = state(), sign_in(role)
        for url in urls:
            for method in ("get", "post"):
                response = getattr(client, method)(url)
                assert response.status_code == 403
                assert "tenu par la coordination" in text(response)
        assert state() == before

    def test_entries_of_another_cpts_do_not_exist(self, other_cpts, coordinator):
        foreign = MemberFactory(cpts=other_cpts), StructureFactory(cpts=other_cpts)
        before = state()
        for member in foreign:
            for suffix in ("modifier/", "representant/"):
                url = f"{REGISTRY}{member.pk}/{suffix}"
                assert (coordinator.get(url).status_code, coordinator.post(url).status_code) == (404, 404)
        assert state() == before

    def test_a_forged_form_is_refused(self, urls, coordinator):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = coordinator.cookies
        before = state()
        for url in urls:
            assert browser.post(url, ZOE | PORT).status_code == 403
        assert state() == before

    def test_forms_are_shown_and_sent_alone(self, urls, coordinator):
        for url in urls:
            assert coordinator.put(url).status_code == 405
