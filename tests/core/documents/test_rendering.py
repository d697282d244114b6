"""A PDF is tagged, French and reproducible, and nothing outside of the page is ever read."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.template import Context, Template

from core.documents.domain.rendering import print_html, render_pdf
from core.documents.errors import ForbiddenResourceError

_CREATED = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
_SECRET = "root:x:0:0"


@pytest.fixture
def template(settings: Any, tmp_path: Any) -> str:
    """Add a document that fills every block, and return its name."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "sample.html").write_text(
        '{% extends "documents/print_base.html" %}{% load documents %}'
        "{% block cover %}<h1>Titre</h1>{% qr_code address %}{% endblock %}"
        "{% block content %}<h2>Montants</h2><p>{{ text }}</p>{% endblock %}",
        encoding="utf-8",
    )
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], folder]}]
    return "sample.html"


def _render(template: str) -> bytes:
    context = {
        "address": "https://cpts.example.org/documents/verifier/x/",
        "text": "1\u202f250,50\u00a0€ <b>",
    }
    return render_pdf(
        template,
        context,
        title="Échéancier",
        author="CPTS d’essai",
        description="Versements",
        created=_CREATED,
    )


def test_the_pdf_is_tagged_french_and_says_what_it_is(template):
    with pikepdf.open(BytesIO(_render(template))) as pdf:
        metadata = dict(pdf.open_metadata())
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "fr"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert {
            name: str(pdf.docinfo[name]) for name in ("/Title", "/Author", "/Subject", "/CreationDate")
        } == {
            "/Title": "Échéancier",
            "/Author": "CPTS d’essai",
            "/Subject": "Versements",
            "/CreationDate": "D:20260115120000+00'00",
        }
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["{http://purl.org/dc/elements/1.1/}title"] == "Échéancier"
        assert len(pdf.pages) == 2


@pytest.mark.parametrize(("start", "imported"), [("get_wsgi_application()", False), ("warm_up()", True)])
def test_only_the_worker_pays_for_the_import_of_what_prints(root, start, imported):
    code = (
        "import sys\nfrom cpts.wsgi import get_wsgi_application\nfrom cpts.celery import warm_up\n"
        f"import cpts.urls\n{start}\nprint('weasyprint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.split()[-1] == str(imported)


def test_the_same_input_gives_the_same_bytes(template):
    assert _render(template) == _render(template)


def test_the_qr_code_is_titled_and_free_of_inline_style():
    html = Template("{% load documents %}{% qr_code url %}").render(
        Context({"url": "https://cpts.example.org/"})
    )

    assert html.startswith('<svg viewBox="0 0 33 33" class="qr-code"><title>Code QR vers')
    assert "style=" not in html


def test_the_title_of_a_qr_code_is_escaped():
    html = Template('{% load documents %}{% qr_code "x" "<script>" %}').render(Context())

    assert "<title>&lt;script&gt;</title>" in html


class _Visited(BaseHTTPRequestHandler):
    visits: list[str] = []

    def do_GET(self) -> None:
        self.visits.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Serve a site on the loopback that remembers who came."""
    _Visited.visits.clear()
    server = HTTPServer(("127.0.0.1", 0), _Visited)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/secret"
    server.shutdown()
    thread.join()
    server.server_close()


_DOORS = {
    "image": '<img alt="point" src="{}">',
    "style image": '<style>p {{ background: url("{}") }}</style><p>texte</p>',
    "style content": '<style>p::before {{ content: url("{}") }}</style><p>texte</p>',
    "style import": '<style>@import url("{}");</style>',
    "font": '<style>@font-face {{ font-family: f; src: url("{}") }}</style><p>texte</p>',
    "style sheet": '<link rel="stylesheet" href="{}">',
    "attachment": '<link rel="attachment" href="{}">',
    "attached link": '<a rel="attachment" href="{}">joint</a>',
    "object": '<object data="{}"></object>',
    "embed": '<embed src="{}">',
    "svg image": '<svg width="9" height="9"><title>t</title><image href="{}" width="9" height="9"/></svg>',
    "inline": """<p style="background: url('{}')">texte</p>""",
}


def _page(door: str, address: str) -> str:
    return f'<html lang="fr"><head><title>t</title></head><body>{_DOORS[door].format(address)}</body></html>'


@pytest.mark.parametrize("door", _DOORS)
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_nothing_outside_of_the_page_is_read(monkeypatch, site, door, scheme):
    opened = []
    monkeypatch.setattr("urllib.request.FileHandler.file_open", lambda _, request: opened.append(request))
    address = {"file": "file:///etc/passwd", "http": site}[scheme]

    with pytest.raises(ForbiddenResourceError, match=address):
        print_html(_page(door, address))

    assert (opened, _Visited.visits) == ([], [])


@pytest.mark.parametrize(
    "address", ["FILE:///etc/passwd", "ftp://127.0.0.1/x", "//127.0.0.1/x", "/etc/passwd"]
)
@pytest.mark.parametrize("base", ["", '<base href="file:///">'])
def test_no_spelling_of_an_address_goes_round(address, base):
    page = (
        f'<html lang="fr"><head>{base}<title>t</title></head><body><img alt="" src="{address}"></body></html>'
    )
    try:
        pdf = print_html(page)
    except ForbiddenResourceError:
        return

    # A relative address without a base is no address at all: the image is left out.
    assert not base
    assert _SECRET.encode() not in pdf


def test_data_addresses_are_read():
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

    with pikepdf.open(BytesIO(print_html(_page("image", pixel)))) as pdf:
        assert len(pdf.pages[0].get_images()) == 1


@pytest.mark.parametrize("name", ["sheet", "svg"])
def test_a_data_address_opens_no_door(name, site):
    inner = {
        "sheet": '<link rel="stylesheet" href="data:text/css,p%7Bbackground:url({})%7D"><p>texte</p>',
        "svg": "<img alt='' src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' "
        "height='9'%3E%3Cimage href='{}' width='9' height='9'/%3E%3C/svg%3E\">",
    }[name].format(site)

    with pytest.raises(ForbiddenResourceError):
        print_html(f'<html lang="fr"><head><title>t</title></head><body>{inner}</body></html>')

    assert _Visited.visits == []
