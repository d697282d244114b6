"""Tells the journal what a person changes in the protection of their account.

allauth writes these changes; its own signals say so. What is told is that it happened, never a secret.
"""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from core.access.actors import PLATFORM, HeldRoles
from core.accounts.models import User
from core.audit.domain.journal import record

_BY_ONESELF = "La personne l’a fait elle-même."


def listen() -> None:
    """Connect the listeners; connected again, nothing changes."""
    for signal in (password_set, password_changed, password_reset):
        signal.connect(_password, dispatch_uid="accounts.password")
    authenticator_added.connect(_factor_added, dispatch_uid="accounts.factor_added")
    authenticator_removed.connect(_factor_removed, dispatch_uid="accounts.factor_removed")
    authenticator_reset.connect(_factor_renewed, dispatch_uid="accounts.factor_renewed")


def _password(request: HttpRequest, user: User, **_signal: Any) -> None:
    _record("accounts.password_changed", request, user)


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    _record("accounts.second_factor_added", request, user, {"second_factors": [None, authenticator.type]})


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    _record("accounts.second_factor_removed", request, user, {"second_factors": [authenticator.type, None]})


def _factor_renewed(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    _record("accounts.second_factor_renewed", request, user, {"second_factors": [None, authenticator.type]})


def _record(action: str, request: HttpRequest, user: User, changes: dict[str, Any] | None = None) -> None:
    roles: HeldRoles = getattr(request, "roles", HeldRoles())
    # Somebody who holds no role, or who comes by a link, acts in none: the platform writes for them.
    actor = roles.actor or PLATFORM
    with transaction.atomic():
        record(action, user, by=actor, now=timezone.now(), cpts_id=None, changes=changes, note=_BY_ONESELF)
