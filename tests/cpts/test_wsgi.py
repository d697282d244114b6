"""The entry point of the web process, beside what Django does."""

import io
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory

from cpts.wsgi import application


def answer(environ: dict[str, Any]) -> tuple[str, str]:
    """Return the status and the page of a raw request."""
    statuses: list[str] = []
    environ["wsgi.errors"] = io.StringIO()
    # As Django's test client does: the test's connection is not the request's to close.
    request_started.disconnect(close_old_connections)
    try:
        response = application(environ, lambda status, _headers: statuses.append(status))
        return statuses[0], b"".join(response).decode()
    finally:
        request_started.connect(close_old_connections)


@pytest.mark.parametrize("charset", ["zlib", "unicode_escape", "utf-7", "utf-16", "nonsense", '"utf-7"'])
def test_what_is_sent_is_utf8_whatever_it_declares(charset):
    request = RequestFactory().get("/simulateur/?signature=%C3%A9%5Cud800%2B2AA-")
    request.environ["CONTENT_TYPE"] = f"text/plain; Charset={charset}; x=y"
    status, page = answer(request.environ)
    assert status == "200 OK"
    assert "é\\ud800+2AA-" in page


@pytest.mark.parametrize("charset", ["zlib", "utf-7"])
def test_a_form_is_utf8_whatever_it_declares(charset):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="fingerprint"\r\n\r\n+2AA-\r\n'
        b'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
        + b"a" * 32
        + b"\r\n--x--\r\n"
    )
    request = RequestFactory().generic("POST", "/documents/verifier/", body)
    request.environ["CONTENT_TYPE"] = f"multipart/form-data; boundary=x; charset={charset}"
    request.environ["HTTP_COOKIE"] = f"csrftoken={'a' * 32}"
    status, page = answer(request.environ)
    assert status == "400 Bad Request"
    assert "recopiez les 64 caractères" in page
