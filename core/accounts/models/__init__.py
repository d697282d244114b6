"""Rows of the accounts app."""

from core.accounts.models.role_assignment import RoleAssignment
from core.accounts.models.user import User, UserManager

__all__ = ["RoleAssignment", "User", "UserManager"]
