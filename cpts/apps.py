"""Application configuration of the composition root."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class CptsConfig(AppConfig):
    """Home pages, health check and settings."""

    name = "cpts"
    verbose_name = "Plateforme CPTS"

    def ready(self) -> None:
        """Register what is checked of a base before it serves."""
        from cpts import checks  # noqa: F401


class CollectedFilesConfig(StaticFilesConfig):
    """Collects what pages load: libraries also ship variants, which take most of the time to compress."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.rtl.*",
        "bootstrap-*",
        "bootstrap.css*",
        "bootstrap*.js*",
        "ext",  # htmx extensions
        "htmax-*",
        "htmx-2.js",
        "htmx-4*",
    ]
