"""Tags for printed and verified documents: `{% load documents %}`."""

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from core.documents.domain.fingerprints import grouped

register = template.Library()
register.filter("grouped", grouped)


@register.simple_tag
def qr_code(url: str, title: str = "Code QR vers la page de vérification de ce document") -> SafeString:
    """Return an inline SVG of the address, titled for readers who do not see it; its size is set by CSS."""
    code = segno.make(url, error="m", micro=False)
    # segno escapes the title; its other output is numbers of its own.
    return mark_safe(code.svg_inline(title=title, svgclass="qr-code", omitsize=True))  # noqa: S308
