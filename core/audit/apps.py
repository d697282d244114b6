"""Application configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package's docstring."""

    name = "core.audit"
    label = "audit"
    verbose_name = "Journal"
