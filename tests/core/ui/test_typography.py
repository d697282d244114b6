"""French typography of the templates."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|<[^>]*>", re.DOTALL)
# A breaking space before a sign of two parts, or after an opening quotation mark.
LOOSE = re.compile(r" [:;!?»](?=\s|$)|«[ \n]")


def loose_signs(source: str) -> list[str]:
    """Return the signs that a line may end before, or a quotation mark left alone."""
    attributes = re.findall(r'(?:title|label|caption)="([^"{]*)"', source)
    return [match[0] for text in (CODE.sub("", source), *attributes) for match in LOOSE.finditer(text)]


@pytest.mark.parametrize("source", ["Bonjour !", "{{ label }} :", "« mot", 'x <c-card title="Quoi ?">'])
def test_the_rule_sees_a_breaking_space(source):
    assert loose_signs(source)


def test_the_rule_accepts_spaces_that_do_not_break():
    assert not loose_signs("Un «\u00a0mot&nbsp;»&nbsp;: <b>12:30</b> {% if a %}vu{% endif %}")


def test_signs_of_two_parts_stay_with_their_word():
    found = {
        str(page.relative_to(TEMPLATES)): loose_signs(page.read_text(encoding="utf-8"))
        for page in sorted(TEMPLATES.rglob("*.html"))
    }
    assert {page: signs for page, signs in found.items() if signs} == {}
