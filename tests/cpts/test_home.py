"""The public home: what it is, what next, light and without risk."""

import re

import pytest
from django.test import Client
from django.urls import reverse


@pytest.fixture
def response(client: Client):
    # No access to the database is given to these tests: the page makes no query.
    return client.get("/")


@pytest.fixture
def html(response):
    return response.content.decode()


def test_one_primary_action_leads_to_the_simulator(html):
    assert re.findall(r'class="btn btn-primary[^"]*" href="([^"]*)"', html) == [reverse("funding:simulator")]


def test_documents_can_be_verified_from_the_page_the_navigation_and_the_foot(html):
    assert html.count(f'href="{reverse("documents:verify")}"') == 3


def test_the_page_is_light(response):
    assert response.status_code == 200
    assert len(response.content) <= 40_000


def test_the_current_entry_is_marked_once(html):
    assert html.count('aria-current="page"') == 1
    assert re.search(r'<a href="/" aria-current="page">.*?Accueil', html, re.S)


def test_the_keyboard_skips_to_the_content(html):
    assert html.index('href="#contenu"') < html.index("<header")
    assert '<main id="contenu" tabindex="-1">' in html


def test_the_version_is_at_the_foot(html, settings):
    assert f"version {settings.VERSION}" in html


def test_security_headers(response):
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].startswith("'self'")
    assert "unsafe" not in response["Content-Security-Policy"]


def test_nothing_inline_and_nothing_from_outside(html):
    assert not re.search(r"\sstyle=|\son[a-z]+=|hx-on|<style", html)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    assert all(url.startswith(("/", "#")) for url in re.findall(r'(?:src|href)="([^"]*)"', html))


def test_htmx_neither_evaluates_nor_leaves_the_site(html):
    config = re.search(r"""name="htmx-config"\s+content='([^']*)'""", html)[1]
    for setting in ('"allowEval":false', '"selfRequestsOnly":true', '"includeIndicatorStyles":false'):
        assert setting in config


def test_the_page_refuses_to_be_written_to(client):
    assert client.post("/").status_code == 405
