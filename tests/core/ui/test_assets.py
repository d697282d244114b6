"""What the browser loads comes from known wheels, byte for byte, and from nowhere else."""

import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

# Upstream's Bootstrap 5.3.8 and htmx 2.0.10: a wheel that ships another file fails here.
FROZEN = {
    "css/bootstrap.min.css": "d85327d99c7a3ee1f9b5d0500d1370acea3ad2db39c163c2f51f232baedbdede",
    "js/bootstrap.bundle.min.js": "e4fd49181388c48ec5040bd3fe66f57c29c8e67fcd8502b3354b96ec7ab47cc7",
    "django_htmx/htmx-2.min.js": "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
}
OURS = ("css", "js", "img")


@pytest.mark.parametrize(("name", "digest"), FROZEN.items())
def test_wheels_ship_the_files_we_know(name, digest):
    assert hashlib.sha256(Path(finders.find(name)).read_bytes()).hexdigest() == digest


def test_our_files_do_not_hide_those_of_a_wheel(root):
    ours = {
        str(path.relative_to(root / "static"))
        for folder in OURS
        for path in (root / "static" / folder).iterdir()
    }
    assert ours.isdisjoint(FROZEN)


def test_our_style_sheets_ask_for_nothing_outside(root):
    for sheet in (root / "static/css").glob("*.css"):
        assert not re.findall(r"@import|url\(\s*['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")), (
            sheet.name
        )


def test_the_icon_is_a_small_drawing_of_ours(root):
    icon = (root / "static/img/favicon.svg").read_text(encoding="utf-8")
    assert len(icon) < 1000
    assert icon.startswith("<svg")
