"""A safe request cannot write in the database, whatever the view does; a body has a limit."""

import io
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from core.accounts.models import User
from cpts.middleware import WriteOnReadError, read_only_get


def _create_person(request: HttpRequest) -> HttpResponse:
    User.objects.create_user("a@cpts.fr")
    return HttpResponse()


def _count_people(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(User.objects.count()))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_safe_request_cannot_write(rf: RequestFactory, method: str) -> None:
    with pytest.raises(WriteOnReadError), transaction.atomic():
        read_only_get(_create_person)(getattr(rf, method)("/"))

    assert User.objects.count() == 0


@pytest.mark.django_db
def test_a_post_may_write(rf: RequestFactory) -> None:
    read_only_get(_create_person)(rf.post("/"))

    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_safe_request_may_read(rf: RequestFactory, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert read_only_get(_count_people)(rf.get("/")).content == b"0"


@pytest.mark.django_db
def test_writing_is_possible_again_after_the_request(rf: RequestFactory) -> None:
    read_only_get(_count_people)(rf.get("/"))
    User.objects.create_user("a@cpts.fr")

    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["\n  DELETE FROM accounts_user", "delete from accounts_user"])
def test_hand_written_sql_cannot_write_either(rf: RequestFactory, sql: str) -> None:
    def _delete_people(request: HttpRequest) -> HttpResponse:
        connection.cursor().execute(sql)
        return HttpResponse()

    User.objects.create_user("a@cpts.fr")
    with pytest.raises(WriteOnReadError), transaction.atomic():
        read_only_get(_delete_people)(rf.get("/"))

    assert User.objects.count() == 1


class _UnreadBody:
    def read(self, *_size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("length", [str(25 * 1024 * 1024 + 1), "9" * 5_000])
def test_a_body_too_large_is_refused_unread(client: Client, length: str) -> None:
    client.handler.enforce_csrf_checks = True
    environ: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input": _UnreadBody()}
    response = client.post("/documents/verifier/", **environ)

    assert response.status_code == 413
    assert "Cet envoi est trop lourd" in response.content.decode()
    assert response["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_form_still_refuses_its_own_large_files(client: Client, settings: Any) -> None:
    settings.LARGEST_BODY_IN_BYTES = 12 * 1024 * 1024
    file = io.BytesIO(b"%PDF-" + b"0" * (11 * 1024 * 1024))
    file.name = "grand.pdf"
    response = client.post("/documents/verifier/", {"file": file})

    assert response.status_code == 400
    assert "Ce fichier dépasse 10" in response.content.decode()


@pytest.mark.parametrize("length", ["", "-1", "x"])
def test_a_length_that_is_none_is_no_body(client: Client, length: str) -> None:
    assert client.get("/", CONTENT_LENGTH=length).status_code == 200


@pytest.mark.parametrize("path", ["/simulateur/echeancier.pdf", "/territoires/import/communes/"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_refused_method_gets_a_page_that_says_what_to_do(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    response = client.get(path, headers=headers)

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "Cette adresse est celle d’un bouton" in response.content.decode()
