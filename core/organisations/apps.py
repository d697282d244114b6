"""Application configuration."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """See the package's docstring."""

    name = "core.organisations"
    label = "organisations"
    verbose_name = "Organisations"
