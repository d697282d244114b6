"""Application configuration."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """See the package's docstring."""

    name = "core.notifications"
    label = "notifications"
    verbose_name = "Messages"
