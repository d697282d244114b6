"""Download and public verification."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.documents.domain.documents import purge_expired
from core.documents.domain.fingerprints import grouped
from core.documents.models import Document
from tests.core.documents.conftest import DAY, FINGERPRINT, NOW, PDF, row

pytestmark = pytest.mark.django_db
_UNKNOWN = "f" * 64


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False) as traveller:
        yield traveller


def _text(response):
    return response.content.decode()


def _pdf(content=PDF, name="copie.pdf"):
    return {"file": SimpleUploadedFile(name, content, "application/pdf")}


def test_a_document_is_downloaded_as_a_file(client, store):
    document = store()

    response = client.get(f"/documents/{document.pk}/echeancier.pdf")

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="echeancier.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "filename", ["autre.pdf", "%00", "echeancier.pdf%00", "..%5C..%5Cmanage.py", "é" * 500]
)
def test_a_document_has_one_address_only(client, store, filename):
    assert client.get(f"/documents/{store().pk}/{filename}").status_code == 404


def test_an_expired_document_is_gone(client, store, clock):
    document = store()
    clock.move_to(NOW + DAY)

    response = client.get(document.get_absolute_url())

    assert response.status_code == 410
    assert "Ce document n’est plus conservé" in _text(response)
    assert "16 janvier 2026" in _text(response)


def test_a_deleted_file_is_gone(client, store):
    document = store()
    purge_expired(now=NOW + DAY)

    assert client.get(document.get_absolute_url()).status_code == 410


@pytest.mark.parametrize("address", ["{unknown}/echeancier.pdf", "{known}/autre.pdf", "1/echeancier.pdf"])
def test_a_wrong_address_is_not_found(client, store, address):
    path = address.format(known=store().pk, unknown=uuid4())

    assert client.get(f"/documents/{path}").status_code == 404


def test_stored_files_have_no_address_of_their_own(client, store):
    document = store()

    assert client.get(f"/media/{document.file.name}").status_code == 404
    assert client.get(f"/{document.file.name}").status_code == 404


def test_the_page_asks_for_a_fingerprint_or_a_file(client):
    page = _text(client.get("/documents/verifier/"))

    assert "Empreinte imprimée sur le document" in page
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize("typed", [FINGERPRINT, grouped(FINGERPRINT).upper()])
def test_a_typed_fingerprint_leads_to_its_page(client, typed):
    response = client.post("/documents/verifier/", {"fingerprint": typed})

    assert (response.status_code, response["Location"]) == (302, f"/documents/verifier/{FINGERPRINT}/")


def test_a_known_fingerprint_is_authentic_and_shows_no_content(client, store):
    document = store()
    store(now=NOW + timedelta(minutes=2))

    response = client.get(f"/documents/verifier/{FINGERPRINT}/")

    page = _text(response)
    assert response.status_code == 200
    assert "Document authentique" in page
    assert "Échéancier d’essai" in page
    assert "15 janvier 2026 à 13\u00a0h\u00a000" in page
    assert grouped(FINGERPRINT) in page
    assert str(document.pk) not in page
    assert "echeancier.pdf" not in page


def test_an_expired_document_is_still_authentic(client, store, clock):
    store()
    purge_expired(now=NOW + DAY)
    clock.move_to(NOW + 400 * DAY)

    assert client.get(f"/documents/verifier/{FINGERPRINT}/").status_code == 200


@pytest.mark.parametrize("fingerprint", [_UNKNOWN, "abc", "é" * 64])
def test_an_unknown_fingerprint_says_so(client, store, fingerprint):
    store()

    response = client.get(f"/documents/verifier/{fingerprint}/")

    assert response.status_code == 404
    assert "Aucun document ne porte cette empreinte" in _text(response)


def test_the_file_itself_is_recognised_and_not_kept(client, store, media_root):
    store()
    kept = sorted(media_root.rglob("*"))

    response = client.post("/documents/verifier/", _pdf())

    assert response.status_code == 200
    assert "octet pour octet" in _text(response)
    assert sorted(media_root.rglob("*")) == kept


def test_a_touched_file_is_not_recognised(client, store):
    store()

    response = client.post("/documents/verifier/", _pdf(PDF + b" "))

    assert response.status_code == 404
    assert "ou il a été modifié" in _text(response)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Donnez l’empreinte ou le fichier"),
        ({"fingerprint": "abc"}, "Cette empreinte est incomplète"),
        ({"fingerprint": "a" * 201}, "200"),
        (_pdf(b"PK\x03\x04 a spreadsheet"), "n’est pas un PDF"),
        (_pdf(b""), "vide"),
        ({"fingerprint": FINGERPRINT, **_pdf()}, "l’un des deux"),
    ],
)
def test_bad_input_is_explained_and_keeps_what_was_typed(client, data, sentence):
    response = client.post("/documents/verifier/", data)

    assert response.status_code == 400
    assert sentence in _text(response)
    if data.get("fingerprint"):
        assert f'value="{data["fingerprint"]}"' in _text(response)


def test_a_file_too_large_is_refused(client):
    response = client.post("/documents/verifier/", _pdf(b"%PDF-" + b"0" * (10 * 1024 * 1024)))

    assert response.status_code == 400
    assert "dépasse 10\u00a0Mo" in _text(response)


@pytest.mark.parametrize(
    ("page", "method"),
    [
        ("verifier/", "delete"),
        ("verifier/", "put"),
        (f"verifier/{FINGERPRINT}/", "post"),
        ("{known}/echeancier.pdf", "post"),
        ("{known}/echeancier.pdf", "delete"),
    ],
)
def test_a_wrong_method_is_refused_and_nothing_changes(client, store, page, method):
    document = store()
    before = row(document)

    response = getattr(client, method)(f"/documents/{page.format(known=document.pk)}")

    assert response.status_code == 405
    assert (row(document), Document.objects.count()) == (before, 1)


def test_verifying_from_another_site_is_refused():
    client = Client(enforce_csrf_checks=True)

    assert client.post("/documents/verifier/", {"fingerprint": FINGERPRINT}).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_each_page_costs_one_query(client, store, django_assert_num_queries, count):
    documents = [store(pdf=PDF + str(number).encode()) for number in range(count)]

    for page in (f"verifier/{FINGERPRINT}/", f"{documents[0].pk}/echeancier.pdf"):
        with django_assert_num_queries(1):
            client.get(f"/documents/{page}").getvalue()
    with django_assert_num_queries(1):
        client.post("/documents/verifier/", _pdf(PDF + b"0"))
    assert sha256(PDF + b"0").hexdigest() == documents[0].pdf_sha256
