"""Errors speak French, say what to do, and keep the look of the site."""

import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, permission_denied, server_error


def heading(html):
    return re.search(r"<h1>\s*(.*?)\s*</h1>", html, re.S)[1]


@pytest.fixture
def plain_request(rf):
    request = rf.get("/ailleurs")
    request.htmx = False
    return request


def test_an_unknown_address_is_a_page_of_the_site(client):
    response = client.get("/nulle-part")
    assert response.status_code == 404
    assert heading(response.content.decode()) == "Page introuvable"
    assert "Navigation principale" in response.content.decode()


def test_a_background_request_gets_the_words_without_the_frame(client):
    html = client.get("/nulle-part", headers={"HX-Request": "true"}).content.decode()
    assert "Il n’y a rien à cette adresse" in html
    assert "<html" not in html
    assert "<nav" not in html


def test_a_refusal_is_a_page_of_the_site(plain_request):
    response = permission_denied(plain_request, PermissionDenied())
    assert (response.status_code, heading(response.content.decode())) == (403, "Accès refusé")


def test_a_stale_form_says_what_to_do(plain_request):
    response = csrf_failure(plain_request, CsrfViewMiddleware.__name__)
    assert response.status_code == 403
    assert "rechargez-la, puis envoyez de nouveau" in response.content.decode()


def test_too_many_requests_has_its_page(plain_request):
    html = render_to_string("429.html", request=plain_request)
    assert heading(html) == "Trop de demandes"


@pytest.mark.parametrize(
    ("answer", "status", "title"),
    [
        (
            lambda request: bad_request(request, SuspiciousOperation()),
            400,
            "Cette demande n’a pas été comprise",
        ),
        (server_error, 500, "Le serveur a rencontré une erreur"),
    ],
)
def test_pages_rendered_without_any_context_hold(plain_request, answer, status, title):
    response = answer(plain_request)
    html = response.content.decode()
    assert (response.status_code, heading(html)) == (status, title)
    assert 'lang="fr"' in html
    assert 'href="/"' in html
