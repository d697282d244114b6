"""Rendering of component lines, as a template file would be."""

from collections.abc import Callable

import pytest
from django.template import engines
from django.utils.safestring import SafeString
from django_cotton.compiler_regex import CottonCompiler


@pytest.fixture
def render() -> Callable[..., SafeString]:
    """Return a renderer of template lines with components, given their context."""

    def render_lines(lines: str, **context: object) -> SafeString:
        return engines["django"].from_string(CottonCompiler().process(lines)).render(context)

    return render_lines
