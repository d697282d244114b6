"""Templates are sent without their indentation, and what is content stays as it is."""

import pytest
from django.template import Context, Engine, engines

from core.ui.loaders import CompactLoader


@pytest.fixture
def render(tmp_path):
    def render_file(name: str, source: str, **context: str) -> str:
        (tmp_path / name).write_text(source)
        loader = (f"{CompactLoader.__module__}.{CompactLoader.__qualname__}", [str(tmp_path)])
        engine = Engine(loaders=[loader], builtins=engines["django"].engine.builtins)
        return engine.get_template(name).render(Context(context))

    return render_file


def test_indentation_is_not_sent(render):
    assert (
        render("a.html", "<ul>\n    <li>a</li>\n\n    <li>b</li>\n</ul>")
        == "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    )


def test_white_space_between_words_stays(render):
    assert render("b.html", "<b>un</b>\n   <i>deux</i> trois") == "<b>un</b>\n<i>deux</i> trois"


def test_typed_text_is_never_touched(render):
    assert render("c.html", "<p>{{ text }}</p>", text="a\n    b") == "<p>a\n    b</p>"


@pytest.mark.parametrize("source", ["<pre>\n  a\n</pre>", "<textarea>\n  a</textarea>"])
def test_preformatted_templates_stay(render, source):
    assert render("d.html", source) == source


def test_plain_text_templates_stay(render):
    assert render("e.txt", "Bonjour,\n\n  à bientôt") == "Bonjour,\n\n  à bientôt"
