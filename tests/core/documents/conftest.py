"""Documents as the platform issues them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.documents.domain.documents import store_document
from core.documents.models import Document
from core.jobs.enums import JobState
from core.jobs.models import Job

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PDF = b"%PDF-1.7\nan invented document\n%%EOF\n"
FINGERPRINT = "0123456789abcdef" * 4


@pytest.fixture
def job(db: None) -> Job:
    """Return a job at work, in its first attempt."""
    dates = {
        "created_at": NOW,
        "rung_at": NOW,
        "started_at": NOW,
        "heartbeat_at": NOW,
        "expires_at": NOW + DAY,
    }
    return Job.objects.create(kind="tests.pdf", state=JobState.RUNNING, attempt=1, **dates)


@pytest.fixture
def store(db: None) -> Callable[..., Document]:
    """Return a maker of stored documents, issued at NOW and kept a day."""

    def make(**values: Any) -> Document:
        given = {
            "job": None,
            "kind": "tests.pdf",
            "title": "Échéancier d’essai",
            "pdf": PDF,
            "filename": "echeancier.pdf",
            "fingerprint": FINGERPRINT,
            "now": NOW,
            "expires_at": NOW + DAY,
        }
        return store_document(**{**given, **values})

    return make


def row(document: Document) -> dict[str, Any]:
    """Return every column of a document as the database has it now."""
    return Document.objects.filter(pk=document.pk).values().get()
