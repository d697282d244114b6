"""Documents issued before they could belong to a CPTS stay what they are, there and back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.documents.models import Document
from tests.core.documents.conftest import FINGERPRINT, NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def latest_again():
    """Leave the tables as every other test expects them, whatever happens here."""
    yield
    call_command("migrate", "documents", verbosity=0)


def migrate(name):
    """Bring the app's tables to a migration, and return the models of then."""
    executor = MigrationExecutor(connection)
    executor.migrate([("documents", name)])
    return executor.loader.project_state([("documents", name)]).apps.get_model("documents", "Document")


def columns():
    with connection.cursor() as cursor:
        table = connection.introspection.get_table_description(cursor, Document._meta.db_table)
    return {column.name for column in table}


def rows():
    return list(Document.objects.order_by("title").values())


def test_documents_of_before_belong_to_nobody_in_particular(job):
    former = migrate("0001_initial")
    assert not {"cpts_id", "subject"} & columns()
    given = {
        "kind": "tests.pdf",
        "filename": "echeancier.pdf",
        "fingerprint": FINGERPRINT,
        "pdf_sha256": FINGERPRINT,
        "size": 12,
        "created_at": NOW,
        "expires_at": NOW.replace(year=2027),
    }
    for number in range(3):
        former.objects.create(title=f"Document {number}", file=f"documents/{number}.pdf", **given)
    former.objects.filter(title="Document 0").update(job_id=job.pk)
    before = list(former.objects.order_by("title").values())

    migrate("0002_of_a_cpts")

    assert rows() == [{**row, "cpts_id": None, "subject": ""} for row in before]


def test_going_back_keeps_documents_and_coming_again_too(store, job, cpts):
    store(title="A", cpts=cpts, subject="essai:1", job=job)
    store(title="B", cpts=cpts, subject="essai:2")
    store(title="C")
    before = rows()

    former = migrate("0001_initial")
    kept = list(former.objects.order_by("title").values())
    assert kept == [
        {name: value for name, value in row.items() if name not in {"cpts_id", "subject"}} for row in before
    ]
    migrate("0002_of_a_cpts")

    assert rows() == [{**row, "cpts_id": None, "subject": ""} for row in before]
    assert {each.name for each in Document._meta.constraints} <= set(_constraints())


def _constraints():
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, Document._meta.db_table)


def test_the_former_version_may_go_on_writing_beside_the_new_tables(job):
    """While a deployment restarts its processes, those of before know nothing of the new columns."""
    columns = "id, kind, title, filename, fingerprint, pdf_sha256, size, file, created_at, expires_at"
    values = [job.pk.hex, "tests.pdf", "Ancien", "a.pdf", FINGERPRINT, FINGERPRINT, 1, "a.pdf", NOW]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO documents_document ({columns}) VALUES ({', '.join(['%s'] * 10)})",  # noqa: S608
            [*values, NOW.replace(year=2027)],
        )

    assert [(row["title"], row["cpts_id"], row["subject"]) for row in rows()] == [("Ancien", None, "")]
