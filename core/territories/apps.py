"""Application configuration."""

from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    """See the package's docstring."""

    name = "core.territories"
    label = "territories"
    verbose_name = "Territoires"
