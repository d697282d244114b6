"""The database refuses impossible documents."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.documents.models import Document
from tests.core.documents.conftest import NOW, row

_IMPOSSIBLE = [
    ("documents_document_hashes_whole", {"fingerprint": "abc"}),
    ("documents_document_hashes_whole", {"pdf_sha256": "0" * 63}),
    ("documents_document_not_empty", {"size": 0}),
    ("documents_document_expires_after_creation", {"expires_at": NOW}),
    ("documents_document_file_until_deleted", {"file": ""}),
    ("documents_document_file_until_deleted", {"file_deleted_at": NOW}),
    ("documents_document_file_until_deleted", {"file": "", "file_deleted_at": NOW - timedelta(seconds=1)}),
]


@pytest.mark.parametrize(("name", "wrong"), _IMPOSSIBLE)
def test_an_impossible_document_is_refused(store, name, wrong):
    document = store()
    before = row(document)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**wrong)

    assert row(document) == before


def test_every_constraint_is_expected_by_name():
    once = {"documents_document_once_per_job", "documents_document_once_per_subject"}
    tested = {name for name, _ in _IMPOSSIBLE} | once

    assert {constraint.name for constraint in Document._meta.constraints} == tested


def test_constraints_answer_in_french():
    assert all(constraint.violation_error_message.endswith(".") for constraint in Document._meta.constraints)


def test_a_job_issues_a_document_of_a_kind_once(store, job):
    first, second = store(job=job), store()

    with pytest.raises(IntegrityError, match=r"job_id|once_per_job"), transaction.atomic():
        Document.objects.filter(pk=second.pk).update(job=job)

    assert first.job == job


def test_a_job_whose_document_is_kept_cannot_be_deleted(store, job):
    store(job=job)

    with pytest.raises(ProtectedError):
        job.delete()
