"""Rows of the notifications app."""

from core.notifications.models.notification import Notification

__all__ = ["Notification"]
