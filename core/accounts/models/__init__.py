"""Rows of the accounts app."""

from core.accounts.models.user import User

__all__ = ["User"]
