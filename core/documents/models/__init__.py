"""Rows of the documents app."""

from core.documents.models.document import Document

__all__ = ["Document"]
