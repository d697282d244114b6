"""Application configuration."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See the package's docstring."""

    name = "core.jobs"
    label = "jobs"
    verbose_name = "Travaux"
