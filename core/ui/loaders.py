"""Templates are indented for people; what is sent is not."""

import re

from django.template import Origin
from django_cotton.cotton_loader import Loader

_INDENTATION = re.compile(r"\n\s+")
# In these, white space is content.
_VERBATIM = ("<pre", "<textarea")


class CompactLoader(Loader):
    """Reads templates as cotton does, without the indentation of their lines.

    It is done once, when a template is compiled: pages lose an eighth of their weight for nothing at run
    time, and what a user typed, which is not in a template, is never touched.
    """

    def get_contents(self, origin: Origin) -> str:
        """Return the compiled source; in HTML, white space around a line break is one line break."""
        source: str = super().get_contents(origin)
        if not origin.name.endswith(".html") or any(tag in source for tag in _VERBATIM):
            return source
        return _INDENTATION.sub("\n", source)
