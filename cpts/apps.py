"""Application configuration of the composition root."""

from django.apps import AppConfig


class CptsConfig(AppConfig):
    """Home pages, health check and settings."""

    name = "cpts"
    verbose_name = "Plateforme CPTS"
