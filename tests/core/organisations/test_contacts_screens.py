"""The directory on screen: that of a CPTS, and the shared one."""

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.domain.contacts import add_contact
from core.organisations.domain.phones import parse_phone
from core.organisations.enums import ContactKind
from core.organisations.models import Contact

pytestmark = pytest.mark.usefixtures("granville", "cpts")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWN, SHARED = "/cpts/littoral/annuaire/", "/annuaire/"
CPAM = {"kind": "cpam", "institution": "CPAM de la Manche", "email": "cpam@example.org"}
TYPED = CPAM | {
    "revision": "1",
    "departement_code": "50",
    "territory": "Sud-Manche",
    "person": "Zoé D’Œuvre",
    "function": "Référente",
    "phone": "02 33 50 00 00",
    "address": "1 rue d’Essai, 50400 Granville",
}
FILE = "Nature;Institution;Téléphone\nCPAM;CPAM de la Manche;02 33 50 00 00\nMSA;MSA;0233500001\n"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def administrator(sign_in):
    return sign_in(Role.ADMINISTRATOR)


@pytest.fixture(params=["own", "shared"])
def place(request, cpts, coordinator, administrator):
    """Return each directory: its address, who keeps it, the CPTS it belongs to."""
    return (OWN, coordinator, cpts) if request.param == "own" else (SHARED, administrator, None)


def text(response):
    return re.sub(r"[ \n]+", " ", response.content.decode()).replace("&nbsp;", "\u00a0")


def state():
    return list(Contact.objects.order_by("pk").values()), AuditEntry.objects.count()


def add(cpts=None, **values):
    return add_contact(cpts, CPAM | values, by=PLATFORM, now=NOW)


def sent(content=FILE, name="contacts.csv"):
    return {"fichier": SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())}


def agreement(response):
    return {"lecture": re.search(r'name="lecture" value="([^"]+)"', response.content.decode())[1]}


class TestList:
    def test_it_shows_who_to_write_to(self, place):
        url, browser, cpts = place
        add(
            cpts,
            departement_code="50",
            territory="Sud-Manche",
            person="Zoé D’Œuvre",
            phone=parse_phone("0233500000"),
            address="1 rue d’Essai",
            function="Référente",
        )
        page = text(browser.get(url))

        for shown in (
            *("1 contact", "CPAM de la Manche", "Zoé D’Œuvre", "Référente", "Sud-Manche (50)"),
            *('href="mailto:cpam@example.org"', "02 33 50 00 00", "1 rue d’Essai", "Modifier"),
        ):
            assert shown in page
        assert ("propre à la CPTS" in page) == (cpts is not None)

    def test_a_cpts_sees_the_shared_contacts_and_its_own_only(self, cpts, other_cpts, coordinator):
        add(institution="Commun")
        add(cpts, institution="À nous")
        add(other_cpts, institution="À eux")
        page = text(coordinator.get(OWN))

        assert "Commun" in page
        assert "À nous" in page
        assert "À eux" not in page
        assert page.count(">Modifier<") == 1

    def test_the_shared_one_shows_no_contact_of_a_cpts(self, cpts, administrator):
        add(cpts, institution="À nous")

        assert "À nous" not in text(administrator.get(SHARED))

    @pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD])
    def test_readers_edit_nothing(self, cpts, sign_in, role):
        add(cpts)
        page = text(sign_in(role).get(OWN))

        assert "CPAM de la Manche" in page
        for action in ("Modifier", "Ajouter un contact", "Importer"):
            assert action not in page

    def test_an_empty_directory_says_how_to_begin(self, place, sign_in):
        url, browser, _ = place

        assert "importez un tableur" in text(browser.get(url))
        assert "L’annuaire est vide" in text(sign_in(Role.BOARD).get(OWN))

    def test_filters_are_words_that_can_be_taken_away(self, place):
        url, browser, cpts = place
        add(cpts, departement_code="50")
        add(cpts, departement_code="35", institution="CPAM 35")
        add(cpts, kind=ContactKind.MSA, institution="MSA", departement_code="50")
        page = text(
            browser.get(url, {"recherche": "cpam", "nature": "cpam", "departement": "50", "page": "1"})
        )

        assert "1 contact" in page
        assert "«\u00a0cpam\u00a0»" in page
        assert "50 – Manche" in page
        assert f'href="{url}?nature=cpam&amp;departement=50"' in page
        assert "2 contacts" in text(browser.get(url, {"nature": "cpam"}))
        assert "Aucun contact ne correspond" in text(browser.get(url, {"recherche": "zzz"}))

    @pytest.mark.parametrize(
        "query",
        [
            *({"nature": "zorro"}, {"departement": "99"}, {"page": "abc"}, {"page": "-3"}, {"page": "999"}),
            *({"recherche": "x" * 500}, {"recherche": "nul\x00"}),
        ],
    )
    def test_a_filter_that_means_nothing_is_left_out(self, place, query):
        url, browser, cpts = place
        add(cpts)
        response = browser.get(url, query)

        assert response.status_code == 200
        assert "CPAM de la Manche" in text(response)

    def test_pages_hold_fifty_contacts(self, place):
        url, browser, cpts = place
        for number in range(51):
            add(cpts, institution=f"CPAM {number:03}")

        first, second = text(browser.get(url)), text(browser.get(url, {"page": "2"}))
        assert "51 contacts" in first
        assert "Page 1 sur 2" in first
        assert "CPAM 050" not in first
        assert "CPAM 050" in second

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_it_holds(self, place, django_assert_num_queries, count):
        url, browser, cpts = place
        for number in range(count):
            add(cpts, institution=f"CPAM {number}", departement_code="50")
        # Session, person, roles, [CPTS], codes in use, vintage, départements, count, page.
        with django_assert_num_queries(9 if cpts else 8):
            browser.get(url)


class TestExport:
    def test_it_holds_what_is_filtered(self, place):
        url, browser, cpts = place
        add(cpts, phone=parse_phone("0233500000"))
        add(cpts, kind=ContactKind.MSA, institution="MSA")
        csv = browser.get(f"{url}annuaire.csv", {"nature": "cpam"})
        book = openpyxl.load_workbook(
            io.BytesIO(browser.get(f"{url}annuaire.xlsx", {"nature": "msa"}).content)
        )

        assert csv["Content-Disposition"] == 'attachment; filename="annuaire.csv"'
        assert csv.content.decode("utf-8-sig").splitlines()[1:] == [
            "CPAM;CPAM de la Manche;;;;;cpam@example.org;02 33 50 00 00;"
        ]
        assert [cell.value for cell in list(book.active.rows)[1]][:2] == ["MSA", "MSA"]
        assert book.active.max_row == 2

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_whatever_it_holds(self, place, django_assert_num_queries, count):
        url, browser, cpts = place
        for number in range(count):
            add(cpts, institution=f"CPAM {number}")
        with django_assert_num_queries(8 if cpts else 7):
            browser.get(f"{url}annuaire.csv")


class TestEditing:
    def test_a_contact_is_added(self, place):
        url, browser, cpts = place
        response = browser.post(f"{url}ajouter/", TYPED)

        assert (response.status_code, response["Location"]) == (302, url)
        contact = Contact.objects.get()
        assert (contact.cpts, contact.person, str(contact.phone)) == (cpts, "Zoé D’Œuvre", "+33233500000")

    def test_a_form_sent_twice_adds_once(self, place):
        url, browser, _ = place
        browser.post(f"{url}ajouter/", TYPED)
        before = state()

        assert browser.post(f"{url}ajouter/", TYPED).status_code == 302
        assert state() == before

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("kind", "", "Choisissez la nature"),
            ("kind", "zorro", "choix"),
            ("institution", " ", "Nommez l’institution"),
            ("institution", "x" * 151, "150"),
            ("departement_code", "99", "choix"),
            ("email", "nobody", "il faut un nom, un @"),
            ("phone", "12", "ne peut pas être composé"),
            ("revision", "", "obligatoire"),
        ],
    )
    def test_a_wrong_value_is_explained_and_all_that_was_typed_stays(self, place, field, value, sentence):
        url, browser, _ = place
        response = browser.post(f"{url}ajouter/", TYPED | {field: value})

        assert response.status_code == 400
        assert sentence in text(response)
        assert 'value="Zoé D’Œuvre"' in text(response)
        assert state() == ([], 0)

    def test_a_contact_can_be_reached(self, place):
        url, browser, _ = place
        response = browser.post(f"{url}ajouter/", TYPED | {"email": "", "phone": "", "address": ""})

        assert response.status_code == 400
        assert "Donnez au moins une adresse électronique" in text(response)

    def test_a_contact_that_is_there_is_not_added_again(self, place):
        url, browser, _ = place
        browser.post(f"{url}ajouter/", TYPED)
        response = browser.post(f"{url}ajouter/", TYPED | {"email": "other@example.org"})

        assert response.status_code == 400
        assert "déjà dans l’annuaire" in text(response)
        assert Contact.objects.count() == 1

    def test_a_contact_is_corrected(self, place):
        url, browser, cpts = place
        contact = add(cpts)
        page = text(browser.get(f"{url}{contact.pk}/modifier/"))
        assert 'value="CPAM de la Manche"' in page
        response = browser.post(f"{url}{contact.pk}/modifier/", TYPED)

        assert (response.status_code, response["Location"]) == (302, url)
        contact.refresh_from_db()
        assert (contact.person, contact.revision) == ("Zoé D’Œuvre", 2)

    def test_what_another_person_wrote_is_shown_beside_what_was_typed(self, place):
        url, browser, cpts = place
        contact = add(cpts)
        edit = f"{url}{contact.pk}/modifier/"
        browser.post(edit, TYPED | {"kind": "elsm", "phone": ""})
        before = state()
        response = browser.post(edit, TYPED)

        assert response.status_code == 409
        page = text(response)
        assert "<li>Nature\u00a0: Échelon local du service médical</li>" in page
        assert "<li>Téléphone\u00a0: vide</li>" in page
        assert 'name="revision" value="2"' in page
        assert state() == before
        assert browser.post(edit, TYPED | {"revision": "2"}).status_code == 302

    def test_a_contact_is_withdrawn_once(self, place):
        url, browser, cpts = place
        contact = add(cpts)
        for _ in range(2):
            response = browser.post(f"{url}{contact.pk}/retirer/")
            assert (response.status_code, response["Location"]) == (302, url)

        contact.refresh_from_db()
        assert contact.archived_at == NOW
        assert AuditEntry.objects.about(contact).count() == 2
        assert browser.get(f"{url}{contact.pk}/modifier/").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_a_form_costs_the_same_whatever_the_directory(self, place, django_assert_num_queries, count):
        url, browser, cpts = place
        contact = [add(cpts, institution=f"CPAM {number}") for number in range(count)][-1]
        # Session, person, roles, [CPTS], contact, vintage, départements.
        with django_assert_num_queries(7 if cpts else 6):
            browser.get(f"{url}{contact.pk}/modifier/")


class TestImport:
    def test_nothing_is_written_before_the_agreement(self, place):
        url, browser, cpts = place
        add(cpts)
        before = state()
        preview = browser.post(f"{url}importer/", sent())

        page = text(preview)
        assert preview.status_code == 200
        assert "Téléphone\u00a0: <del>vide</del> → 02 33 50 00 00" in page
        assert "Institution\u00a0: MSA" in page
        assert state() == before

        response = browser.post(f"{url}importer/confirmer/", agreement(preview))
        assert (response.status_code, response["Location"]) == (302, url)
        assert Contact.objects.filter(cpts=cpts).count() == 2
        assert "contacts ajoutés, 1\u00a0; corrigés, 1." in text(browser.get(url))

    def test_agreeing_twice_writes_once(self, place):
        url, browser, _ = place
        data = agreement(browser.post(f"{url}importer/", sent()))
        browser.post(f"{url}importer/confirmer/", data)
        before = state()

        assert browser.post(f"{url}importer/confirmer/", data).status_code == 302
        assert state() == before

    def test_an_export_sent_back_changes_nothing(self, place):
        url, browser, cpts = place
        add(cpts, person="=Zoé")
        content = browser.get(f"{url}annuaire.xlsx").content
        page = text(browser.post(f"{url}importer/", sent(content, "annuaire.xlsx")))

        assert "L’annuaire contient déjà tout ce fichier" in page
        assert 'name="lecture"' not in page

    def test_a_wrong_row_offers_no_agreement(self, place):
        url, browser, _ = place
        response = browser.post(f"{url}importer/", sent(FILE + "Zorro;X;0233500000\n"))

        page = text(response)
        assert "Zorro" in page
        assert "n’est pas une nature connue" in page
        assert 'name="lecture"' not in page
        assert state() == ([], 0)

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({}, "Choisissez un fichier."),
            (sent(""), "Ce fichier est vide."),
            (sent("Nom;Tél\nx;y\n"), "Il manque la colonne"),
            (sent(b"%PDF-1.7"), "n’est pas un tableau lisible"),
        ],
        ids=range(4),
    )
    def test_a_file_that_cannot_be_used_is_explained(self, place, data, sentence):
        url, browser, _ = place
        for upload in data.values():
            upload.seek(0)
        response = browser.post(f"{url}importer/", data)

        assert response.status_code == 400
        assert sentence in text(response)
        assert state() == ([], 0)

    def test_what_changed_since_the_preview_is_shown_again(self, place):
        url, browser, cpts = place
        data = agreement(browser.post(f"{url}importer/", sent()))
        add(cpts)
        before = state()
        again = browser.post(f"{url}importer/confirmer/", data)

        assert again.status_code == 409
        assert "L’annuaire a changé depuis la lecture du fichier" in text(again)
        assert state() == before
        assert browser.post(f"{url}importer/confirmer/", agreement(again)).status_code == 302
        assert Contact.objects.count() == 2

    def test_rows_that_were_touched_or_are_too_old_are_refused(self, place, clock):
        url, browser, _ = place
        data = agreement(browser.post(f"{url}importer/", sent()))
        confirm = f"{url}importer/confirmer/"
        touched = {"lecture": "A" + data["lecture"][1:]}
        for wrong in (touched, {}, {"lecture": "x"}, {"lecture": data["lecture"][:-2]}):
            response = browser.post(confirm, wrong)
            assert (response.status_code, response["Location"]) == (302, f"{url}importer/")
        assert "envoyez le fichier de nouveau" in text(browser.get(f"{url}importer/"))

        clock.shift(24 * 3600 + 1)
        browser.post(confirm, data)
        assert state() == ([], 0)

    def test_rows_signed_for_one_directory_do_not_enter_another(
        self, coordinator, administrator, other_cpts, sign_in
    ):
        data = agreement(coordinator.post(f"{OWN}importer/", sent()))
        others = [
            (administrator, f"{SHARED}importer/"),
            (sign_in(Role.COORDINATOR, other_cpts), "/cpts/colline/annuaire/importer/"),
            (sign_in(Role.COORDINATOR), f"{OWN}importer/"),
        ]
        for browser, url in others:
            assert browser.post(f"{url}confirmer/", data)["Location"] == url

        assert state() == ([], 0)

    def test_a_cpts_imports_nothing_into_the_shared_directory(self, cpts, coordinator):
        add()
        page = text(coordinator.post(f"{OWN}importer/", sent()))
        assert "l’annuaire commun, que tient l’administration" in page
        preview = coordinator.post(f"{OWN}importer/", sent("Nature;Institution;Tel\nMSA;MSA;0233500001\n"))
        coordinator.post(f"{OWN}importer/confirmer/", agreement(preview))

        assert Contact.objects.get(institution="MSA").cpts == cpts
        assert Contact.objects.shared().count() == 1

    def test_a_long_preview_is_cut(self, place):
        url, browser, _ = place
        lines = "".join(f"CPAM;CPAM {number};0233500000\n" for number in range(130))
        response = browser.post(f"{url}importer/", sent("Nature;Institution;Tel\n" + lines))

        assert "Et 30 autres lignes du même fichier." in text(response)
        assert browser.post(f"{url}importer/confirmer/", agreement(response)).status_code == 302
        assert Contact.objects.count() == 130


class TestRefusals:
    PAGES = [
        *(("", "get"), ("annuaire.xlsx", "get"), ("annuaire.csv", "get")),
        *(("ajouter/", "get"), ("ajouter/", "post"), ("1/modifier/", "get"), ("1/modifier/", "post")),
        *(
            ("1/retirer/", "post"),
            ("importer/", "get"),
            ("importer/", "post"),
            ("importer/confirmer/", "post"),
        ),
    ]

    @pytest.mark.parametrize(("page", "method"), PAGES)
    def test_strangers_get_nothing(self, other_cpts, sign_in, page, method):
        for url in (OWN, SHARED):
            anonymous = getattr(Client(), method)(f"{url}{page}")
            assert anonymous.status_code == 302
            assert anonymous["Location"].partition("?")[0] == "/compte/connexion/"
        foreign = getattr(sign_in(Role.COORDINATOR, other_cpts), method)(f"{OWN}{page}")

        assert foreign.status_code == 404
        assert state() == ([], 0)

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR])
    @pytest.mark.parametrize(("page", "method"), PAGES)
    def test_who_writes_to_nobody_sees_nothing(self, sign_in, role, page, method):
        assert getattr(sign_in(role), method)(f"{OWN}{page}").status_code == 403

    @pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD])
    @pytest.mark.parametrize(("page", "method"), PAGES[3:])
    def test_readers_write_nothing(self, cpts, sign_in, role, page, method):
        add(cpts)
        before = state()
        response = getattr(sign_in(role), method)(f"{OWN}{page}", TYPED)

        assert response.status_code == 403
        assert "tenus par la coordination" in text(response)
        assert state() == before

    @pytest.mark.parametrize(
        "role", [Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER, Role.REVIEWER]
    )
    @pytest.mark.parametrize(("page", "method"), PAGES)
    def test_the_shared_directory_is_the_administrator_s(self, sign_in, role, page, method):
        response = getattr(sign_in(role), method)(f"{SHARED}{page}", TYPED)

        assert response.status_code == 403
        assert "administration de la plateforme" in text(response)

    def test_a_contact_of_others_is_neither_shown_nor_written(
        self, cpts, other_cpts, coordinator, administrator
    ):
        foreign, shared, own = add(other_cpts), add(person="Commune"), add(cpts)
        before = state()
        for page, method in (("modifier/", "get"), ("modifier/", "post"), ("retirer/", "post")):
            assert getattr(coordinator, method)(f"{OWN}{foreign.pk}/{page}", TYPED).status_code == 404
            refused = getattr(coordinator, method)(f"{OWN}{shared.pk}/{page}", TYPED)
            assert refused.status_code == 403
            assert getattr(administrator, method)(f"{SHARED}{own.pk}/{page}", TYPED).status_code == 404

        assert state() == before

    @pytest.mark.parametrize("number", ["0", "999999", "9" * 40, "abc", "-1"])
    def test_a_wrong_number_is_not_found(self, place, number):
        url, browser, _ = place

        assert browser.get(f"{url}{number}/modifier/").status_code == 404
        assert browser.post(f"{url}{number}/retirer/").status_code == 404

    @pytest.mark.parametrize(
        ("page", "method"),
        [
            *(("", "post"), ("annuaire.csv", "post"), ("ajouter/", "put"), ("1/modifier/", "delete")),
            *(("1/retirer/", "get"), ("importer/", "delete"), ("importer/confirmer/", "get")),
        ],
    )
    def test_a_wrong_method_is_refused(self, place, page, method):
        url, browser, _ = place

        assert getattr(browser, method)(f"{url}{page}").status_code == 405

    @pytest.mark.parametrize(
        "page", ["ajouter/", "1/modifier/", "1/retirer/", "importer/", "importer/confirmer/"]
    )
    def test_another_site_changes_nothing(self, place, page):
        url, browser, _ = place
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = browser.cookies

        assert strict.post(f"{url}{page}", TYPED).status_code == 403
        assert state() == ([], 0)
