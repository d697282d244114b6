"""Application configuration."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """See the package's docstring."""

    name = "core.ui"
    label = "ui"
    verbose_name = "Interface"
