"""Application configuration."""

from django.apps import AppConfig


class AciConfig(AppConfig):
    """See the package's docstring."""

    name = "aci"
    verbose_name = "Contrat ACI"
