"""Composition root: settings, URLs, Celery, home pages. Imported by nobody."""

from cpts.celery import app as celery_app

__all__ = ["celery_app"]
