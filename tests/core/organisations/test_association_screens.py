"""The sheet of the association and its stage, on screen."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.domain.lifecycle import establish_stage
from core.organisations.enums import ContactKind, Stage
from core.organisations.models import Contact, Cpts

pytestmark = pytest.mark.usefixtures("granville", "cpts")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHEET = "/cpts/littoral/"
EDIT, STAGE = f"{SHEET}association/modifier/", f"{SHEET}association/etape/"
READERS = [*(Role.TREASURER, Role.BOARD, Role.MEMBER), *(Role.REVIEWER, Role.ADMINISTRATOR)]
TYPED = {
    "revision": "1",
    "name": "CPTS du Littoral d’essai",
    "rna": "w502001234",
    "siret": "732 829 320 00074",
    "finess": "50 001 2345",
    "address": "12 rue d’Essai",
    "postal_code": "50400",
    "city": "Granville",
    "departement_code": "50",
    "representative_name": "Dominique Exemple",
    "representative_capacity": "présidente",
    "contact_email": "contact@example.org",
    "contact_phone": "02 33 50 00 00",
    "ars_referent": "",
    "cpam_referent": "",
    "msa_referent": "",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def text(response):
    return re.sub(r"[ \n]+", " ", response.content.decode())


def state():
    return list(Cpts.objects.order_by("pk").values()), AuditEntry.objects.count()


def contact(**values):
    defaults = {"kind": ContactKind.CPAM, "institution": "CPAM d’essai", "email": "cpam@example.org"}
    return Contact.objects.create(**(defaults | values))


class TestSheet:
    def test_it_says_who_the_cpts_is(self, coordinator):
        referent = contact(person="Camille Exemple", phone="+33233500001")
        coordinator.post(EDIT, TYPED | {"cpam_referent": referent.pk})
        page = text(coordinator.get(SHEET))

        for shown in (
            *("732\u00a0829\u00a0320\u00a000074", "W502001234", "500012345"),
            *("12 rue d’Essai", "50400 Granville", "Manche (50)", "Dominique Exemple", "présidente"),
            *("contact@example.org", "02 33 50 00 00", "tel:+33-2-33-50-00-00"),
            *("Camille Exemple (CPAM d’essai)", "cpam@example.org", "02 33 50 00 01"),
        ):
            assert shown in page
        assert "La fiche n’est pas complète" not in page

    def test_the_coordinator_reads_what_is_missing(self, coordinator, sign_in):
        sentence = (
            "Il manque le numéro RNA, le SIRET, l’adresse du siège, le représentant légal "
            "et l’adresse électronique de contact."
        )
        assert sentence in text(coordinator.get(SHEET))
        assert "Il manque" not in text(sign_in(Role.TREASURER).get(SHEET))

    @pytest.mark.parametrize("role", READERS)
    def test_whoever_sees_the_cpts_reads_it_and_edits_nothing(self, sign_in, role):
        page = text(sign_in(role).get(SHEET))

        assert "CPTS du Littoral d’essai" in page
        for link in (EDIT, STAGE, f"{SHEET}association/logo/modifier/"):
            assert f'href="{link}"' not in page
        assert (f'href="{SHEET}annuaire/"' in page) == (role in {Role.TREASURER, Role.BOARD})

    def test_the_stage_is_one_of_seven(self, coordinator):
        Cpts.objects.update(stage=Stage.PHASE_1)
        page = text(coordinator.get(SHEET))

        words = re.findall(r'class="stage-word">([^<]+)<', page)
        assert words == ["Franchie"] * 3 + ["En cours"] + ["À venir"] * 3
        assert page.count('aria-current="step"') == 1
        assert "Phase 1, depuis le 2 janvier 2023" in page
        assert "Déclarée" in page
        assert f'href="{STAGE}"' in page

    def test_a_proven_stage_is_not_declared(self, cpts, coordinator):
        establish_stage(cpts, Stage.UNDER_ACI, NOW.date(), now=NOW)
        page = text(coordinator.get(SHEET))

        assert "Adhérente à l’ACI, depuis le 2 mars 2026" in page
        assert "Constatée" in page
        assert f'href="{STAGE}"' not in page

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_is_recorded(self, coordinator, django_assert_num_queries, count):
        names = ("ars_referent", "cpam_referent", "msa_referent")[:count]
        Cpts.objects.update(**{name: contact() for name in names})

        # Session, person, roles, CPTS, referents.
        with django_assert_num_queries(5):
            coordinator.get(SHEET)


class TestEditing:
    def test_what_is_typed_is_kept_and_normalised(self, cpts, coordinator):
        response = coordinator.post(EDIT, TYPED | {"departement_code": "35", "name": " Autre  nom "})

        assert (response.status_code, response["Location"]) == (302, SHEET)
        cpts.refresh_from_db()
        assert (cpts.name, cpts.slug) == ("Autre nom", "littoral")
        assert (cpts.siret, cpts.rna, cpts.finess) == ("73282932000074", "W502001234", "500012345")
        assert (cpts.departement_code, cpts.departement_name, cpts.region_code) == (
            *("35", "Ille-et-Vilaine"),
            "53",
        )
        assert str(cpts.contact_phone) == "+33233500000"
        assert cpts.revision == 2
        assert "La fiche est enregistrée." in text(coordinator.get(SHEET))

    def test_the_form_shows_what_is_stored(self, coordinator):
        coordinator.post(EDIT, TYPED)
        page = text(coordinator.get(EDIT))

        assert 'value="73282932000074"' in page
        assert 'value="02 33 50 00 00"' in page
        assert '<option value="50" selected>50 – Manche</option>' in page
        assert 'name="revision" value="2"' in page

    def test_a_form_sent_twice_is_written_once(self, coordinator):
        coordinator.post(EDIT, TYPED)
        before = state()
        response = coordinator.post(EDIT, TYPED)

        assert (response.status_code, state()) == (302, before)

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("name", "", "obligatoire"),
            ("name", "x" * 151, "150"),
            ("siret", "12345678912345", "clé fausse"),
            ("siret", "123", "quatorze chiffres"),
            ("rna", "502001234", "W suivi de neuf chiffres"),
            ("finess", "5", "neuf chiffres"),
            ("postal_code", "5040A", "cinq chiffres"),
            ("departement_code", "99", "code officiel géographique"),
            ("departement_code", "", "obligatoire"),
            ("contact_email", "nobody", "il faut un nom, un @ et un domaine"),
            ("contact_phone", "12", "ne peut pas être composé"),
            ("cpam_referent", "abc", "annuaire de la CPTS"),
            ("cpam_referent", "999999999999999999999", "annuaire de la CPTS"),
            ("city", "nul\x00", "nul"),
            ("revision", "abc", "entier"),
        ],
    )
    def test_a_wrong_value_is_explained_and_all_that_was_typed_stays(
        self, coordinator, field, value, sentence
    ):
        before = state()
        response = coordinator.post(EDIT, TYPED | {"address": "gardée", field: value})

        assert response.status_code == 400
        assert sentence in text(response)
        assert 'value="gardée"' in text(response)
        assert state() == before

    def test_an_error_stands_beside_its_field(self, coordinator):
        page = text(coordinator.post(EDIT, TYPED | {"siret": "12345678912345"}))

        assert 'href="#id_siret"' in page
        assert 'id="id_siret_error"> <p>' in page
        assert 'value="12345678912345"' in page

    def test_a_taken_number_is_said_beside_its_field(self, coordinator, other_cpts):
        Cpts.objects.filter(pk=other_cpts.pk).update(siret="73282932000074")
        response = coordinator.post(EDIT, TYPED)

        assert response.status_code == 400
        assert "déjà celui d’une autre CPTS" in text(response)
        assert 'href="#id_siret"' in text(response)

    def test_a_foreign_contact_in_the_body_is_refused(self, other_cpts, coordinator):
        foreign = contact(cpts=other_cpts)
        other_kind = contact(kind=ContactKind.COMMUNE)
        before = state()
        for chosen in (foreign, other_kind):
            response = coordinator.post(EDIT, TYPED | {"cpam_referent": chosen.pk})
            assert response.status_code == 400
            assert "annuaire de la CPTS" in text(response)
            assert foreign.institution not in text(coordinator.get(EDIT))
        assert state() == before

    def test_a_referent_withdrawn_since_may_stay(self, coordinator):
        chosen = contact(archived_at=NOW)
        Cpts.objects.update(cpam_referent=chosen)

        assert "retiré de l’annuaire" in text(coordinator.get(EDIT))
        assert coordinator.post(EDIT, TYPED | {"cpam_referent": chosen.pk}).status_code == 302

    def test_what_another_person_wrote_is_shown_beside_what_was_typed(self, coordinator, sign_in):
        sign_in(Role.COORDINATOR).post(EDIT, TYPED | {"city": "Avranches", "contact_phone": "0233500009"})
        before = state()
        response = coordinator.post(EDIT, TYPED)

        assert response.status_code == 409
        page = text(response)
        assert "Une autre personne a enregistré cette fiche" in page
        assert "<li>Ville\u00a0: Avranches</li>" in page.replace("&nbsp;", "\u00a0")
        assert "<li>Téléphone\u00a0: 02 33 50 00 09</li>" in page.replace("&nbsp;", "\u00a0")
        assert 'value="Granville"' in page
        assert 'name="revision" value="2"' in page
        assert state() == before

        assert coordinator.post(EDIT, TYPED | {"revision": "2"}).status_code == 302
        assert Cpts.objects.get(slug="littoral").city == "Granville"

    def test_without_a_geographic_code_the_seat_stays(self, cpts, coordinator):
        Cpts.objects.update(departement_code="975", departement_name="Saint-Pierre-et-Miquelon")
        response = coordinator.post(EDIT, TYPED | {"departement_code": "975"})

        cpts.refresh_from_db()
        assert (response.status_code, cpts.departement_name) == (302, "Saint-Pierre-et-Miquelon")

    def test_referents_are_those_of_the_departement_and_of_no_departement(self, coordinator):
        contact(institution="A", departement_code="35")
        contact(institution="B", departement_code="")
        contact(institution="Z", departement_code="50")
        page = text(coordinator.get(EDIT))

        assert page.index(">Z – 50<") < page.index(">B<")
        assert ">A – 35<" not in page

    def test_the_present_referent_stays_whatever_its_departement(self, coordinator):
        Cpts.objects.update(cpam_referent=contact(institution="A", departement_code="35"))

        assert ">A – 35<" in text(coordinator.get(EDIT))

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_the_directory(self, coordinator, django_assert_num_queries, count):
        for number in range(count):
            contact(institution=f"CPAM {number}")
        # Session, person, roles, CPTS, vintage, départements, three lists of referents.
        with django_assert_num_queries(9):
            coordinator.get(EDIT)


class TestStage:
    SEEN = {"seen_stage": "interest", "seen_since": "2023-01-02"}

    def test_the_coordinator_declares_it(self, cpts, coordinator):
        assert 'value="phase_1"' in text(coordinator.get(STAGE))
        assert 'value="under_aci"' not in text(coordinator.get(STAGE)).replace('name="seen_stage"', "")
        response = coordinator.post(STAGE, self.SEEN | {"stage": "phase_1", "since": "2026-03-01"})

        assert (response.status_code, response["Location"]) == (302, SHEET)
        cpts.refresh_from_db()
        assert (cpts.stage, cpts.stage_since.isoformat()) == ("phase_1", "2026-03-01")

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"stage": "under_aci", "since": "2026-03-01"}, "l’une des étapes proposées"),
            ({"stage": "elsewhere", "since": "2026-03-01"}, "l’une des étapes proposées"),
            ({"since": "2026-03-01"}, "Choisissez une étape"),
            ({"stage": "phase_1", "since": "2026-03-03"}, "à venir"),
            ({"stage": "phase_1", "since": "2015-01-01"}, "26 janvier 2016"),
            ({"stage": "phase_1", "since": "2026-02-30"}, "n’existe pas"),
            ({"stage": "phase_1", "since": ""}, "obligatoire"),
        ],
    )
    def test_a_wrong_declaration_is_explained(self, coordinator, values, sentence):
        before = state()
        response = coordinator.post(STAGE, self.SEEN | values)

        assert response.status_code == 400
        assert sentence in text(response)
        assert state() == before

    def test_a_proven_stage_is_not_declared_over(self, cpts, coordinator):
        establish_stage(cpts, Stage.UNDER_ACI, NOW.date(), by=PLATFORM, now=NOW)
        before = state()
        assert "Cette étape est constatée" in text(coordinator.get(STAGE))
        response = coordinator.post(STAGE, self.SEEN | {"stage": "phase_1", "since": "2026-03-01"})

        assert response.status_code == 400
        assert "ne se déclare plus" in text(response)
        assert state() == before

    def test_two_people_who_declare_do_not_write_over_each_other(self, coordinator, sign_in):
        other = {"stage": "joining_aci", "since": "2026-03-01"}
        sign_in(Role.COORDINATOR).post(STAGE, self.SEEN | other)
        before = state()
        response = coordinator.post(STAGE, self.SEEN | {"stage": "phase_1", "since": "2026-03-01"})

        assert response.status_code == 409
        assert "changée pendant que vous la déclariez" in text(response)
        assert state() == before


class TestRefusals:
    URLS = [(SHEET, "get"), (EDIT, "get"), (EDIT, "post"), (STAGE, "get"), (STAGE, "post")]

    @pytest.mark.parametrize(("url", "method"), URLS)
    def test_strangers_get_nothing(self, other_cpts, sign_in, url, method):
        before = state()
        anonymous = getattr(Client(), method)(url)
        foreign = getattr(sign_in(Role.COORDINATOR, other_cpts), method)(url)

        assert (anonymous.status_code, anonymous["Location"].partition("?")[0]) == (302, "/compte/connexion/")
        assert foreign.status_code == 404
        assert state() == before

    @pytest.mark.parametrize("role", READERS)
    @pytest.mark.parametrize(("url", "method"), URLS[1:])
    def test_only_the_coordinator_edits(self, sign_in, role, url, method):
        before = state()
        response = getattr(sign_in(role), method)(url, TYPED)

        assert response.status_code == 403
        assert "tenue par la coordination" in text(response)
        assert state() == before

    @pytest.mark.parametrize("url", [SHEET, EDIT, STAGE])
    def test_an_unknown_cpts_is_not_found(self, coordinator, url):
        for slug in ("nulle-part", "x" * 300):
            assert coordinator.get(url.replace("littoral", slug)).status_code == 404

    @pytest.mark.parametrize(
        ("url", "method"), [(SHEET, "post"), (SHEET, "delete"), (EDIT, "put"), (STAGE, "delete")]
    )
    def test_a_wrong_method_is_refused(self, coordinator, url, method):
        assert getattr(coordinator, method)(url).status_code == 405

    @pytest.mark.parametrize("url", [EDIT, STAGE])
    def test_another_site_changes_nothing(self, coordinator, url):
        before = state()
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = coordinator.cookies

        assert strict.post(url, TYPED).status_code == 403
        assert state() == before
