"""The catalogue shows every component in development, and does not exist elsewhere."""

import re

import pytest

from core.ui.views.catalogue import EXAMPLES, catalogue


@pytest.fixture
def html(rf):
    return catalogue(rf.get("/catalogue/")).content.decode()


def test_the_catalogue_exists_in_development_only(client):
    assert client.get("/catalogue/").status_code == 404


def test_it_refuses_to_be_written_to(rf):
    assert catalogue(rf.post("/catalogue/")).status_code == 405


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_each_component_is_shown_with_its_lines(html, example):
    section = html.split(f'<section id="{example.slug}">')[1]
    live, code = section.split("<summary>Le code</summary>")[:2]
    assert f"<h2>{example.title}</h2>" in live
    assert live.count("<") > 8
    assert re.search(r"<code>(&lt;|\{)", code)


def test_every_component_has_its_place(root):
    shown = "".join(example.code for example in EXAMPLES)
    components = {path.stem.replace("_", "-") for path in (root / "templates/components").glob("*.html")}
    assert components == set(re.findall(r"<c-([a-z-]+)", shown)) - {"slot"}
