"""The PDF of a dossier of twenty-five pages, beside WeasyPrint called bare on the same HTML."""

from io import BytesIO

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from pypdf import PdfReader
from weasyprint import CSS, HTML

from core.documents.domain.fingerprints import verification_url
from core.documents.domain.rendering import print_html
from funding.documents import schedule_context
from funding.domain.assumptions import assumptions
from tests.benchmarks.measure import ratio, report
from tests.funding.simulations import simulated

pytestmark = pytest.mark.benchmark


def dossier() -> str:
    """Return the HTML of a schedule whose due dates are told four times over."""
    result = simulated()
    context = schedule_context(
        result.schedule,
        assumptions=assumptions(result),
        warnings=[],
        territory=None,
        address="https://example.org",
    )
    context["due_dates"] *= 4
    context |= {"fingerprint": "0" * 64, "verification_url": verification_url("0" * 64)}
    metadata = {f"document_{name}": "x" for name in ("title", "author", "description", "created")}
    return render_to_string("documents/schedule.html", context | metadata)


def bare_print(html: str) -> bytes:
    """Print as anybody would with WeasyPrint alone, in the same style and the same kind of PDF."""
    style = CSS(filename=settings.BASE_DIR / "static" / "css" / "print-document.css")
    return HTML(string=html).write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1")


def test_dossier():
    html = dossier()
    pages = len(PdfReader(BytesIO(print_html(html))).pages)
    assert 20 <= pages <= 30
    measured = ratio(lambda: print_html(html), lambda: bare_print(html), runs=4, warm_up=1)
    report(f"PDF/UA-1 of {pages} pages over bare WeasyPrint", measured, 1.15, "×")
