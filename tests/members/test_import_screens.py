"""The screens of an import: a file sent, its columns named, its rows shown, decided, written, taken back."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.access.enums import Role
from core.jobs.domain.running import run_job
from core.jobs.models import Job
from core.organisations.models import Cpts
from members.models import ImportFile, Member
from tests.factories.imports import csv_of, received_file, xlsx_of
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db
NAMES = ("Nom", "Prénom")
START = "/cpts/littoral/membres/importer/"


def send(client: Client, content: bytes, name: str = "membres.xlsx") -> object:
    return client.post(START, {"fichier": SimpleUploadedFile(name, content)})


def address(file: ImportFile, name: str = "import_file") -> str:
    return reverse(f"members:{name}", args=[file.cpts.slug, file.pk])


def test_a_coordinator_sends_reads_agrees_and_finds_the_members(coordinator: Client, cpts: Cpts) -> None:
    assert "Lire le fichier" in coordinator.get(START).content.decode()

    sent = send(coordinator, xlsx_of((*NAMES, "Profession"), ("Essai", "Zoé", "IDE")))
    job = Job.objects.get()
    assert (sent.status_code, sent.url) == (302, reverse("jobs:detail", args=[job.pk]))
    run_job(job.pk)
    file = ImportFile.objects.get()
    assert address(file) in coordinator.get(sent.url).content.decode()

    page = coordinator.get(address(file)).content.decode()
    assert "Profession\u00a0: Infirmier" in page.replace("&nbsp;", "\u00a0")
    agreed = coordinator.post(address(file, "import_agree"), {"empreinte": file.fingerprint})
    again = coordinator.post(address(file, "import_agree"), {"empreinte": file.fingerprint})
    assert agreed.url == again.url
    run_job(Job.objects.get(kind="members.import_write").pk)

    assert Member.objects.get().name == "Zoé Essai"
    assert "Tout le fichier est enregistré" in coordinator.get(address(file)).content.decode()
    assert coordinator.get(address(file, "import_report")).status_code == 404


def test_a_file_that_is_no_table_is_sent_back_with_its_reason(coordinator: Client) -> None:
    answer = send(coordinator, b"%PDF-1.7", "membres.pdf")

    assert answer.status_code == 400
    assert "n’est pas un tableau lisible" in answer.content.decode()
    assert coordinator.post(START).status_code == 400
    assert ImportFile.objects.count() == 0


def test_unknown_columns_are_named_by_hand_their_values_in_sight(coordinator: Client) -> None:
    sent = send(coordinator, csv_of(("Patronyme", "Petit nom"), ("Essai", "Zoé")), "membres.csv")
    file = ImportFile.objects.get()
    assert sent.url == address(file, "import_columns")
    page = coordinator.get(sent.url).content.decode()
    assert "Patronyme" in page
    assert "Essai" in page

    refused = coordinator.post(sent.url, {"colonne-1": "first_name"})
    assert refused.status_code == 400
    assert "Dites quelle colonne donne" in refused.content.decode()

    named = coordinator.post(
        sent.url, {"colonne-0": "last_name", "colonne-1": "first_name", "depuis": "2025-01-01", "vides": "on"}
    )
    run_job(Job.objects.get().pk)
    file.refresh_from_db()
    assert (named.status_code, file.counts, file.empties) == (302, {"new": 1}, True)
    assert "membres depuis le 1" in coordinator.get(address(file)).content.decode()


def test_what_is_to_be_corrected_comes_first_and_can_be_taken_back(coordinator: Client, cpts: Cpts) -> None:
    file = received_file(cpts, (*NAMES, "Pointure"), ("Essai", "Zoé", "=38"), ("<b>Gras</b>", "", "39"))

    page = coordinator.get(address(file)).content.decode()
    assert "Donnez le prénom" in page
    assert "<b>Gras</b>" not in page
    assert "Enregistrer dans le registre" not in page
    assert "Colonnes ignorées" in page

    report = coordinator.get(address(file, "import_report"))
    rows = list(openpyxl.load_workbook(io.BytesIO(report.content)).active.values)
    assert rows[0] == ("À corriger", "Nom", "Prénom", "Pointure")
    assert rows[1] == (None, "Essai", "Zoé", "'=38")
    assert rows[2][0] == "Prénom\u00a0: Donnez le prénom."

    assert send(coordinator, report.content).status_code == 302
    assert ImportFile.objects.latest("pk").mapping == ["", "last_name", "first_name", ""]


def test_duplicates_are_decided_row_by_row_or_all_at_once(coordinator: Client, cpts: Cpts) -> None:
    for rank in range(3):
        MemberFactory(
            cpts=cpts, number=rank + 1, last_name=f"Essai{rank}", first_name="Zoé", commune_code="50218"
        )
    file = received_file(cpts, NAMES, *((f"Essai{rank}", "Zoé") for rank in range(3)))
    page = coordinator.get(address(file)).content.decode()
    assert "doublons possibles à décider" in page
    assert "même nom" in page

    same = f"same-{Member.objects.get(number=1).pk}"
    refused = coordinator.post(address(file, "import_decide"), {"ligne-2": "same-0"})
    assert refused.status_code == 400
    kept = coordinator.post(address(file, "import_decide"), {"ligne-2": same, "toutes": "skip"})

    assert kept.status_code == 302
    assert list(file.rows.values_list("choice", flat=True)) == ["same", "skip", "skip"]
    assert "Enregistrer dans le registre" in coordinator.get(address(file)).content.decode()


@pytest.mark.parametrize(
    "typed", ["", "\x00", "-1", "9" * 40, "same-", "same-x", f"same-{9**40}", "٣", "<script>"]
)
def test_whatever_is_typed_is_answered(coordinator: Client, cpts: Cpts, typed: str) -> None:
    file = received_file(cpts)

    for name in ("import_file", "import_columns", "import_report"):
        for key in ("verdict", "page"):
            assert coordinator.get(address(file, name), {key: typed}).status_code < 500
    for name in ("import_columns", "import_decide", "import_agree"):
        for key in ("ligne-2", f"ligne-{typed}", "toutes", "colonne-0", "depuis", "empreinte"):
            assert coordinator.post(address(file, name), {key: typed}).status_code < 500
    assert Member.objects.count() == 0


@pytest.mark.parametrize(
    "content", [b"\x00" * 50, b"\xff\xfe", b'"' * 200, b"Nom\n\x1b", b"Nom;Pr\xe9nom\n;\n"]
)
def test_whatever_is_sent_is_answered(coordinator: Client, content: bytes) -> None:
    assert send(coordinator, content, "\x00é.csv").status_code in (302, 400)


def test_an_agreement_to_another_preview_writes_nothing(coordinator: Client, cpts: Cpts) -> None:
    file = received_file(cpts)

    for data in ({}, {"empreinte": "0" * 64}, {"empreinte": "é\x00"}):
        answer = coordinator.post(address(file, "import_agree"), data, follow=True)
        assert "rien n’est enregistré" in answer.content.decode()
    assert Job.objects.filter(kind="members.import_write").count() == 0


def test_a_file_can_be_given_up(coordinator: Client, cpts: Cpts) -> None:
    file = received_file(cpts)

    assert coordinator.post(address(file, "import_drop")).status_code == 302
    assert ImportFile.objects.count() == 0
    assert coordinator.get(address(file)).status_code == 404


def test_the_model_has_every_column_and_the_values_to_write(coordinator: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(coordinator.get(f"{START}modele.xlsx").content))

    assert book.sheetnames == ["Membres", "Valeurs possibles"]
    assert next(book["Membres"].values)[:4] == (
        "Numéro au registre",
        "Personne",
        "Nom ou raison sociale",
        "Prénom",
    )
    assert "Infirmier" in [row[1] for row in book["Valeurs possibles"].values]


@pytest.mark.parametrize(
    "verdict", ["new", "refused", "duplicate", "changed", "unchanged", "skipped", "autre"]
)
def test_every_verdict_has_its_page(coordinator: Client, cpts: Cpts, verdict: str) -> None:
    MemberFactory(cpts=cpts, number=1, last_name="Essai", first_name="Zoé", commune_code="50218")
    file = received_file(
        cpts,
        ("Numéro", *NAMES),
        ("1", "Autre", "Zoé"),
        ("", "Neuf", "Alex"),
        ("", "Faux", ""),
        ("", "Essai", "Zoé"),
    )
    assert coordinator.get(address(file), {"verdict": verdict, "page": "9"}).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", ["new", "changed", "duplicate", "refused"])
def test_a_preview_makes_as_many_queries_whatever_its_rows(
    coordinator: Client, cpts: Cpts, rows: int, kind: str, django_assert_num_queries: Callable[..., object]
) -> None:
    for rank in range(rows):
        MemberFactory(
            cpts=cpts, number=rank + 1, last_name=f"Essai{rank}", first_name="Zoé", commune_code="50218"
        )
    numbers = {"changed": lambda rank: str(rank + 1), "refused": lambda _: "99"}.get(kind, lambda _: "")
    first = "Alex" if kind in ("changed", "new") else "Zoé"
    file = received_file(
        cpts, ("Numéro", *NAMES), *((numbers(rank), f"Essai{rank}", first) for rank in range(rows))
    )
    assert file.counts == {kind: rows}
    with django_assert_num_queries(9):
        coordinator.get(address(file))


@pytest.mark.parametrize("name", ["import_file", "import_columns", "import_report"])
def test_a_file_of_another_cpts_does_not_exist(coordinator: Client, other_cpts: Cpts, name: str) -> None:
    file = received_file(other_cpts)

    assert coordinator.get(address(file, name)).status_code == 404
    assert coordinator.get(f"{START}{file.pk}/").status_code == 404


def test_its_background_work_is_for_the_coordination_alone(
    cpts: Cpts, coordinator: Client, sign_in: Callable[..., Client]
) -> None:
    job = reverse("jobs:detail", args=[received_file(cpts).job_id])

    assert coordinator.get(job).status_code == 200
    for client in (Client(), sign_in(Role.TREASURER), sign_in(Role.BOARD)):
        assert client.get(job).status_code == 404


@pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD, Role.MEMBER])
def test_others_are_refused_with_the_reason(sign_in: Callable[..., Client], role: Role) -> None:
    answer = sign_in(role).get(START)

    assert answer.status_code == 403
    assert "tenu par la coordination" in answer.content.decode()


@pytest.mark.parametrize("name", ["import_decide", "import_agree", "import_drop"])
def test_writes_ask_for_a_post_with_its_token(cpts: Cpts, coordinator: Client, name: str) -> None:
    file = received_file(cpts)
    strict = Client(enforce_csrf_checks=True, headers={"Cookie": coordinator.cookies.output(header="")})

    assert coordinator.get(address(file, name)).status_code == 405
    assert strict.post(address(file, name)).status_code == 403
    assert ImportFile.objects.count() == 1
