"""Application configuration."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    """See the package's docstring."""

    name = "funding"
    verbose_name = "Financement"
