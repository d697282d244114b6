"""The statutes as a Word file: the same articles as the screen and the PDF, with styles one can edit."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from members.domain.statutes_pdf import adoption_words, statutes_title
from members.domain.statutes_text import BLANK, Article
from members.models import StatutesVersion

if TYPE_CHECKING:
    from docx.document import Document

_LANGUAGE = "fr-FR"
_SIGNATURES = ("Nom et prénom", "Fonction", "Signature")


def statutes_docx(version: StatutesVersion, articles: Sequence[Article], *, now: datetime) -> bytes:
    """Return the statutes as DOCX: real headings and lists, blanks where something is to be given."""
    # It takes a moment to import: only who asks for the file pays for it.
    from docx import Document

    document = Document()
    title = statutes_title(version)
    _dress(document, f"{title} – {version.cpts.name}", author=version.cpts.name, now=now)
    document.add_heading(title, level=0)
    document.add_paragraph(version.cpts.name, style="Subtitle")
    document.add_paragraph(adoption_words(version))
    for article in articles:
        _write(document, article)
    _sign(document, version.cpts.city or BLANK)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _dress(document: "Document", title: str, *, author: str, now: datetime) -> None:
    """Set the properties of the file, and the language in which a word processor checks it."""
    from docx.oxml.ns import qn

    properties = document.core_properties
    properties.title, properties.author, properties.language = title, author, _LANGUAGE
    properties.comments = ""
    properties.created = properties.modified = now.replace(tzinfo=None)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)


def _write(document: "Document", article: Article) -> None:
    document.add_heading(article.heading, level=1)
    for paragraph in article.paragraphs:
        document.add_paragraph(paragraph.text)
        last = len(paragraph.items) - 1
        for rank, item in enumerate(paragraph.items):
            end = "." if rank == last else "\u00a0;"
            document.add_paragraph(f"{item}{end}", style="List Bullet")


def _sign(document: "Document", city: str) -> None:
    document.add_heading("Signatures", level=1)
    document.add_paragraph(f"Fait à {city}, le {BLANK}")
    table = document.add_table(rows=3, cols=len(_SIGNATURES), style="Table Grid")
    for cell, label in zip(table.rows[0].cells, _SIGNATURES, strict=True):
        cell.text = label
    for row in table.rows[1:]:
        for cell in row.cells:
            cell.text = BLANK
