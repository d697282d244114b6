"""From a template to a tagged PDF, with nothing read from outside of the template."""

import atexit
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string

from core.documents.errors import ForbiddenResourceError

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration


def render_pdf(
    template_name: str,
    context: dict[str, Any],
    *,
    title: str,
    created: datetime,
    author: str,
    description: str = "",
) -> bytes:
    """Return the PDF/UA-1 of a template that extends `documents/print_base.html`.

    `title`, `author`, `description` and `created` become the document's metadata, in French. The same
    input gives the same bytes. Raises ForbiddenResourceError when the page asks for anything else than a
    `data:` address: no file is read and no request leaves, whatever the content says.
    """
    metadata = {
        "document_title": title,
        "document_author": author,
        "document_description": description,
        "document_created": created.isoformat(timespec="seconds"),
    }
    return print_html(render_to_string(template_name, context | metadata))


def print_html(html: str) -> bytes:
    """Return the PDF/UA-1 of a complete HTML page, in our print style; see `render_pdf`."""
    # WeasyPrint takes most of a second to import: only the processes that print pay for it.
    from weasyprint import HTML

    from core.documents.domain.fetching import DataOnlyFetcher

    fetcher = DataOnlyFetcher()
    document = HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(stylesheets=[_style()], font_config=_fonts(), pdf_variant="pdf/ua-1")
    if fetcher.refused:
        # Rather no document than one that silently lacks a part.
        raise ForbiddenResourceError(f"The document asked for {', '.join(fetcher.refused)[:500]}")
    return pdf


@cache
def _fonts() -> "FontConfiguration":
    from weasyprint.text.fonts import FontConfiguration

    # Left to the end of the process, its finalizer would run after the libraries that it needs.
    atexit.register(_fonts.cache_clear)
    return FontConfiguration()


@cache
def _style() -> "CSS":
    from weasyprint import CSS

    from core.documents.domain.fetching import DataOnlyFetcher

    path = settings.BASE_DIR / "static" / "css" / "print-document.css"
    return CSS(string=path.read_text(encoding="utf-8"), font_config=_fonts(), url_fetcher=DataOnlyFetcher())
