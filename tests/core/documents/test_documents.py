"""A document is issued once, kept until its date, and can be verified for ever."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from core.documents.domain.documents import document_about, document_link, purge_expired
from core.documents.models import Document
from core.jobs.domain.jobs import purge_expired as purge_expired_jobs
from core.jobs.enums import JobState
from core.jobs.errors import AttemptLostError
from core.jobs.models import Job
from tests.core.documents.conftest import DAY, FINGERPRINT, NOW, PDF, row


def _files(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


def test_the_row_says_everything(store, job, media_root):
    document = store(job=job)

    assert row(document) == {
        "id": document.pk,
        "job_id": job.pk,
        "cpts_id": None,
        "kind": "tests.pdf",
        "subject": "",
        "title": "Échéancier d’essai",
        "filename": "echeancier.pdf",
        "fingerprint": FINGERPRINT,
        "pdf_sha256": sha256(PDF).hexdigest(),
        "size": len(PDF),
        "file": f"documents/{document.pk.hex[:2]}/{document.pk}.pdf",
        "created_at": NOW,
        "expires_at": NOW + DAY,
        "file_deleted_at": None,
    }
    assert [path.read_bytes() for path in _files(media_root)] == [PDF]


def test_a_second_run_takes_the_place_of_the_first(store, job, media_root):
    first = store(job=job)
    second = store(job=job, pdf=b"%PDF-1.7 again", now=NOW + timedelta(minutes=1))

    assert second.pk == first.pk
    assert Document.objects.count() == 1
    assert row(second)["pdf_sha256"] == sha256(b"%PDF-1.7 again").hexdigest()
    assert [path.read_bytes() for path in _files(media_root)] == [b"%PDF-1.7 again"]


def test_a_worker_believed_dead_stores_nothing(store, job, media_root):
    Job.objects.filter(pk=job.pk).update(attempt=2)

    with pytest.raises(AttemptLostError):
        store(job=job)

    assert (Document.objects.count(), _files(media_root)) == (0, [])


def test_two_kinds_of_one_job_are_two_documents(store, job):
    assert store(job=job).pk != store(job=job, kind="tests.annex").pk


def test_without_a_job_each_document_has_its_number(store):
    assert store().pk != store().pk


def test_the_link_of_a_job_is_its_download(store, job):
    document = store(job=job)

    assert document_link(job) == ("Télécharger le PDF", f"/documents/{document.pk}/echeancier.pdf")


def test_an_expired_file_goes_and_its_row_stays(store, job, media_root):
    document = store(job=job)

    assert purge_expired(now=NOW + DAY) == 1

    after = row(document)
    assert (after["file"], after["file_deleted_at"], after["job_id"]) == ("", NOW + DAY, None)
    assert (after["fingerprint"], after["title"]) == (FINGERPRINT, "Échéancier d’essai")
    assert _files(media_root) == []


def test_a_purge_run_twice_does_nothing_more(store):
    document = store()
    purge_expired(now=NOW + DAY)
    before = row(document)

    assert purge_expired(now=NOW + 2 * DAY) == 0
    assert row(document) == before


def test_a_purge_keeps_what_is_not_expired(store, media_root):
    document = store()
    before = row(document)

    assert purge_expired(now=NOW + DAY - timedelta(seconds=1)) == 0

    assert row(document) == before
    assert len(_files(media_root)) == 1


def test_a_purge_goes_on_when_the_file_is_already_gone(store):
    document = store()
    default_storage.delete(document.file.name)

    assert purge_expired(now=NOW + DAY) == 1


def test_a_document_about_a_subject_is_issued_once(store, job):
    first = store(job=job, subject="essai:1")
    again = store(job=job, subject="essai:1", pdf=b"%PDF-1.7 again")
    other = store(subject="essai:2")

    assert (again.pk, document_about("tests.pdf", "essai:1")) == (first.pk, first)
    assert document_about("tests.pdf", "essai:2") == other
    assert document_about("tests.other", "essai:1") is None
    before = row(first)
    with pytest.raises(IntegrityError, match=r"kind, .*subject|once_per_subject"), transaction.atomic():
        store(subject="essai:1")
    assert (row(first), Document.objects.count()) == (before, 2)


@pytest.mark.parametrize("kept", [True, False])
def test_a_job_is_forgotten_only_after_its_document(store, job, kept):
    document = store(job=job)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, progress=100, finished_at=NOW)
    if not kept:
        purge_expired(now=NOW + DAY)

    assert purge_expired_jobs(now=NOW + 60 * DAY) == (0 if kept else 1)

    assert Document.objects.filter(pk=document.pk).exists()
    assert Job.objects.exists() is kept
