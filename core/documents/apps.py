"""Application configuration."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """See the package's docstring."""

    name = "core.documents"
    label = "documents"
    verbose_name = "Documents"
