"""The pages of the statutes: read by everybody of the CPTS, changed by two roles, taken away as files."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import BooleanField
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document as WordFile
from docx.oxml.ns import qn
from pypdf import PdfReader

from core.access.enums import Role
from core.audit.models import AuditEntry
from core.documents.models import Document
from core.jobs.domain.running import run_job
from core.jobs.models import Job
from members.forms.statutes import DayForm, ShareField, StatutesForm
from members.models import StatutesCollege, StatutesVersion, VotingCollege
from tests.factories.members import MembershipFactory, StatutesVersionFactory, VotingCollegeFactory
from tests.page_forms import PageForms

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
READERS = [Role.MEMBER, Role.BOARD, Role.TREASURER, Role.COORDINATOR]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(client, name, *args, **query):
    return client.get(reverse(f"members:{name}", args=args), query)


def filled(client, cpts):
    """Return what the form would send untouched; a browser says "on" for a box without a value."""
    page = page_of(client, "statutes_edit", cpts.slug).content.decode()
    form = next(each for each in PageForms(page).forms if each.action.endswith("/statuts/modifier/"))
    boxes = {name for name, field in StatutesForm.base_fields.items() if isinstance(field, BooleanField)}
    return {name: ["on"] if name in boxes and each else each for name, each in form.values.items()}


def send(client, cpts, sent, **changes):
    values = sent | {name: [value] for name, value in changes.items()}
    return client.post(reverse("members:statutes_edit", args=[cpts.slug]), values)


class TestReading:
    @pytest.mark.parametrize("role", READERS)
    def test_everybody_of_the_cpts_reads_them(self, sign_in, cpts, role):
        version = StatutesVersionFactory(cpts=cpts)
        client = sign_in(role)
        for page in (
            page_of(client, "statutes", cpts.slug),
            page_of(client, "statutes_version", cpts.slug, version.pk),
        ):
            assert page.status_code == 200
            assert "Article 11 – Assemblée générale ordinaire" in page.content.decode()
        editable = role in {Role.BOARD, Role.COORDINATOR}
        assert ("Modifier les statuts" in page_of(client, "statutes", cpts.slug).content.decode()) is editable

    def test_without_statutes_the_page_says_how_to_begin(self, coordinator, cpts):
        page = page_of(coordinator, "statutes", cpts.slug).content.decode()

        assert "Les statuts ne sont pas encore enregistrés" in page
        assert "Régler les statuts" in page
        assert "Préparer le PDF" not in page
        assert "l’objet" in page

    def test_the_statutes_of_another_day(self, coordinator, cpts):
        StatutesVersionFactory(cpts=cpts, starts_on=date(2021, 9, 1), board_seats=6)
        StatutesVersionFactory(cpts=cpts, starts_on=date(2025, 4, 1), board_seats=9)

        assert "de 6 membres" in page_of(coordinator, "statutes", cpts.slug, au="2023-05-01").content.decode()
        assert "de 6 membres" in page_of(coordinator, "statutes", cpts.slug, au="01/05/2023").content.decode()
        assert "de 9 membres" in page_of(coordinator, "statutes", cpts.slug).content.decode()
        before = page_of(coordinator, "statutes", cpts.slug, au="2020-01-01").content.decode()
        assert "Aucuns statuts ne sont enregistrés pour ce jour-là" in before
        assert page_of(coordinator, "statutes", cpts.slug, au="demain").status_code == 200

    def test_a_version_says_what_it_changed(self, coordinator, cpts):
        first = StatutesVersionFactory(cpts=cpts, starts_on=date(2021, 9, 1), board_seats=6)
        second = StatutesVersionFactory(cpts=cpts, starts_on=date(2025, 4, 1), board_seats=9)

        page = page_of(coordinator, "statutes_version", cpts.slug, second.pk).content.decode()
        assert "Ce qui a changé" in page
        assert "Sièges au conseil" in page
        assert (
            "Ce qui a changé"
            not in page_of(coordinator, "statutes_version", cpts.slug, first.pk).content.decode()
        )

    def test_the_deadline_shows_while_it_runs(self, coordinator, cpts):
        StatutesVersionFactory(cpts=cpts, starts_on=date(2021, 9, 1))
        StatutesVersionFactory(cpts=cpts, starts_on=date(2026, 1, 1), adopted_on=date(2025, 12, 2))
        notice = "À déclarer à la préfecture avant le 2 mars 2026"

        assert notice in page_of(coordinator, "statutes", cpts.slug).content.decode()
        with time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=UTC)):
            assert notice not in page_of(coordinator, "statutes", cpts.slug).content.decode()

    def test_as_many_queries_for_one_version_as_for_three(self, coordinator, cpts):
        counts = []
        for rank in (1, 2, 3):
            version = StatutesVersionFactory(cpts=cpts, starts_on=date(2021 + rank, 1, 1))
            college = VotingCollegeFactory(cpts=cpts, name=f"Collège {rank}")
            StatutesCollege.objects.create(version=version, college=college, name=college.name, position=rank)
            with CaptureQueriesContext(connection) as count:
                assert page_of(coordinator, "statutes", cpts.slug).status_code == 200
            counts.append(len(count))
        assert counts[0] == counts[2] <= 15


class TestChanging:
    def test_the_form_starts_from_the_model_and_records(self, coordinator, cpts):
        sent = filled(coordinator, cpts)
        assert sent["ordinary_notice_days"] == ["15"]
        assert sent["extraordinary_request_share"] == ["50\u00a0%"]

        answer = send(
            coordinator, cpts, sent, purpose="Coordonner", ordinary_quorum="1/3", starts_on="2026-03-01"
        )
        version = StatutesVersion.objects.get()
        assert answer.url == reverse("members:statutes_version", args=[cpts.slug, version.pk])
        assert (version.purpose, str(version.ordinary_quorum)) == ("Coordonner", "0.333")
        assert version.casting_vote is True
        assert filled(coordinator, cpts)["ordinary_quorum"] == ["1/3"]

    def test_reading_first_writes_nothing(self, coordinator, cpts):
        page = send(coordinator, cpts, filled(coordinator, cpts), board_seats="9", lire="1")

        assert page.status_code == 200
        assert "conseil d’administration de 9 membres" in page.content.decode()
        assert "Rien n’est enregistré pour le moment" in page.content.decode()
        assert not StatutesVersion.objects.exists()

    def test_what_is_refused_is_shown_with_what_was_typed(self, coordinator, cpts):
        sent = filled(coordinator, cpts)
        page = send(
            coordinator, cpts, sent, board_renewal_fractions="3", ordinary_quorum="12/7 ?", purpose="Essai"
        )

        assert page.status_code == 400
        assert "comme 50\u00a0% ou 2/3" in page.content.decode()
        assert "Essai" in page.content.decode()
        page = send(coordinator, cpts, sent, board_renewal_fractions="3")
        assert page.status_code == 400
        assert "ne se renouvelle pas en 3\u00a0fois" in page.content.decode()
        assert not StatutesVersion.objects.exists()
        assert AuditEntry.objects.count() == 0

    def test_sent_twice_it_is_recorded_once(self, coordinator, cpts):
        sent = filled(coordinator, cpts)
        first = send(coordinator, cpts, sent, board_seats="9")
        second = send(coordinator, cpts, sent, board_seats="9")

        assert first.url == second.url
        assert StatutesVersion.objects.count() == 1

    def test_two_people_do_not_write_over_each_other(self, coordinator, cpts):
        sent = filled(coordinator, cpts)
        send(coordinator, cpts, sent, board_seats="9")
        page = send(coordinator, cpts, sent, board_seats="8")

        assert page.status_code == 409
        assert "Une autre personne a enregistré des statuts entre-temps" in page.content.decode()
        again = next(
            each for each in PageForms(page.content.decode()).forms if each.action.endswith("/modifier/")
        ).values
        assert again["board_seats"] == ["8"]
        assert send(coordinator, cpts, again).status_code == 302
        assert list(StatutesVersion.objects.order_by("pk").values_list("board_seats", flat=True)) == [9, 8]

    def test_the_seats_of_colleges_are_kept(self, coordinator, cpts):
        colleges = [VotingCollegeFactory(cpts=cpts, name=name) for name in ("Libéraux", "Usagers")]
        sent = filled(coordinator, cpts)
        names = [f"college_{college.pk}" for college in colleges]
        send(coordinator, cpts, sent, **{names[0]: "8", names[1]: "4"}, votes_by_college="on")

        assert list(StatutesCollege.objects.values_list("name", "seats")) == [("Libéraux", 8), ("Usagers", 4)]
        page = page_of(coordinator, "statutes", cpts.slug).content.decode()
        assert "Libéraux\u00a0: 8\u00a0sièges" in page
        assert "Les collèges ne sont plus ceux de ces statuts" not in page
        VotingCollegeFactory(cpts=cpts, name="Structures")
        page = page_of(coordinator, "statutes", cpts.slug).content.decode()
        assert "Les collèges ne sont plus ceux de ces statuts" in page

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.TREASURER])
    def test_others_are_refused(self, sign_in, cpts, role):
        client = sign_in(role)
        for name in ("statutes_edit", "colleges"):
            refused = page_of(client, name, cpts.slug)
            assert refused.status_code == 403
            assert "coordination ou le bureau" in refused.content.decode()

    def test_those_of_another_cpts_are_not_found(self, coordinator, cpts, other_cpts):
        version, college = StatutesVersionFactory(cpts=other_cpts), VotingCollegeFactory(cpts=other_cpts)
        for name in ("statutes_version", "statutes_docx"):
            assert page_of(coordinator, name, cpts.slug, version.pk).status_code == 404
        for name, key in (
            ("statutes_pdf", version.pk),
            ("college_raise", college.pk),
            ("college_archive", college.pk),
        ):
            assert coordinator.post(reverse(f"members:{name}", args=[cpts.slug, key])).status_code == 404
        assert page_of(coordinator, "statutes", other_cpts.slug).status_code == 404


class TestColleges:
    def test_a_college_is_added_put_first_and_withdrawn(self, coordinator, cpts):
        for name in ("Libéraux", "Usagers"):
            coordinator.post(reverse("members:colleges", args=[cpts.slug]), {"name": name})
        first, second = VotingCollege.objects.all()
        for rank in ("x", "1", "2", "2"):
            coordinator.post(reverse("members:college_raise", args=[cpts.slug, second.pk]), {"rang": rank})
        assert list(VotingCollege.objects.all()) == [second, first]
        coordinator.post(reverse("members:college_archive", args=[cpts.slug, first.pk]))

        assert [str(each) for each in VotingCollege.objects.filter(archived_at=None)] == ["Usagers"]
        page = page_of(coordinator, "colleges", cpts.slug).content.decode()
        assert "Usagers" in page

    def test_one_with_members_stays_and_says_how_many(self, coordinator, cpts):
        college = VotingCollegeFactory(cpts=cpts, name="Usagers")
        MembershipFactory(member__cpts=cpts, college=college)
        answer = coordinator.post(
            reverse("members:college_archive", args=[cpts.slug, college.pk]), follow=True
        )

        assert "compte 1\u00a0membre" in answer.content.decode()
        assert "Retirer" not in answer.content.decode()
        college.refresh_from_db()
        assert college.archived_at is None

    def test_a_college_without_a_name_is_refused(self, coordinator, cpts):
        answer = coordinator.post(reverse("members:colleges", args=[cpts.slug]), {"name": " "})
        assert answer.status_code == 400
        assert "Nommez le collège." in answer.content.decode()
        assert "Aucun collège" in answer.content.decode()


class TestFiles:
    @pytest.fixture
    def version(self, cpts):
        made = StatutesVersionFactory(cpts=cpts, purpose="Coordonner les soins", adopted_on=date(2023, 1, 1))
        college = VotingCollegeFactory(cpts=cpts, name="Usagers")
        StatutesCollege.objects.create(version=made, college=college, name="Usagers", position=1, seats=12)
        return made

    def test_the_word_file_says_what_the_page_says(self, sign_in, cpts, version):
        answer = page_of(sign_in(Role.MEMBER), "statutes_docx", cpts.slug, version.pk)
        assert answer["Content-Disposition"] == f'attachment; filename="statuts-{cpts.slug}-2023-01-01.docx"'
        word = WordFile(BytesIO(answer.content))

        headings = [each.text for each in word.paragraphs if each.style.name == "Heading 1"]
        assert headings[0] == "Article premier – Nom"
        assert headings[-2:] == ["Article 18 – Dons et legs", "Signatures"]
        text = "\n".join(each.text for each in word.paragraphs)
        assert "L’association poursuit le but suivant\u00a0: Coordonner les soins" in text
        assert "Usagers\u00a0: 12\u00a0sièges." in text
        assert [each.text for each in word.paragraphs if each.style.name == "List Bullet"]
        assert word.core_properties.language == "fr-FR"
        assert {each.get(qn("w:val")) for each in word.styles.element.iter(qn("w:lang"))} == {"fr-FR"}
        assert word.core_properties.title == f"Statuts – {cpts.name}"

    def test_the_pdf_says_what_the_page_says_and_is_made_once(self, coordinator, cpts, version):
        url = reverse("members:statutes_pdf", args=[cpts.slug, version.pk])
        first, second = coordinator.post(url), coordinator.post(url)
        assert first.url == second.url
        job = Job.objects.get()
        run_job(job.pk)
        document = Document.objects.get()
        assert document.cpts == cpts
        with document.file.open() as file:
            pdf = PdfReader(BytesIO(file.read()))
        text = "\n".join(page.extract_text() for page in pdf.pages)
        assert "Article premier – Nom" in text
        assert "Article 18 – Dons et legs" in text
        assert "Coordonner les soins" in text
        assert pdf.metadata.title == f"Statuts – {cpts.name}"
        page = page_of(coordinator, "statutes", cpts.slug).content.decode()
        assert document.get_absolute_url() in page
        assert "Préparer le PDF" not in page

    def test_another_seat_makes_another_pdf(self, coordinator, cpts, version):
        url = reverse("members:statutes_pdf", args=[cpts.slug, version.pk])
        coordinator.post(url)
        cpts.city, cpts.address = "Avranches", "2 rue de l’Essai"
        cpts.save()
        coordinator.post(url)
        assert Job.objects.count() == 2

    def test_a_member_follows_the_job_others_do_not(self, sign_in, cpts, other_cpts, version):
        reader = sign_in(Role.MEMBER)
        followed = reader.post(reverse("members:statutes_pdf", args=[cpts.slug, version.pk])).url
        assert reader.get(followed).status_code == 200
        assert sign_in(Role.COORDINATOR, other_cpts).get(followed).status_code == 404


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("50 %", "0.5"), ("50\u202f%", "0.5"), ("2/3", "0.667"), ("66,7%", "0.667"), ("0,25", "0.25"),
        ("25", "0.25"), ("0", "0"), ("100 %", "1"), ("1 %", "0.01"),
    ],
)  # fmt: skip
def test_shares_are_typed_the_french_way(typed, stored):
    field = ShareField("Part", least="0")
    assert field.clean(typed) == Decimal(stored)
    shown = field.prepare_value(field.clean(typed))
    assert field.clean(shown) == field.clean(typed)


@pytest.mark.parametrize("typed", ["1", "", "moitié", "3/2", "120 %", "1/0", "-1", "٣", "1e3", "9" * 30])
def test_what_is_not_a_share_is_refused(typed):
    with pytest.raises(ValidationError):
        ShareField("Part", least="0").clean(typed)


def test_a_day_that_is_not_one_is_left_out():
    assert DayForm({"au": "2023-05-01"}).day(TODAY) == date(2023, 5, 1)
    assert DayForm({"au": "x"}).day(TODAY) == TODAY
    assert DayForm().day(TODAY) == TODAY
