"""Contexts of the PDF documents of this app."""
