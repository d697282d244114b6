"""Where allauth asks us: words, addresses, limits, messages."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from core.accounts.domain.sign_in_links import password_link_of
from core.jobs.requesters import client_address

logger = logging.getLogger(__name__)

_OVER_THE_LIMIT = {"too_many_login_attempts", "rate_limited"}
_WRONG_CODE = "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, puis recopiez-le."
_METHODS = {
    "reauthenticate": "Avec votre mot de passe",
    "mfa_reauthenticate": "Avec un code de votre application",
    "mfa_reauthenticate:webauthn": "Avec une clé d’accès",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail address, on invitation only."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Ce compte est fermé.",
        "email_password_mismatch": "L’adresse ou le mot de passe n’est pas le bon.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_password": "Ce n’est pas votre mot de passe.",
        "invalid_password_reset": "Ce lien a déjà servi, ou il est trop ancien.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: accounts come by invitation."""
        return False

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """Return the error to raise; over a limit, the answer is the page that says so (429)."""
        if code in _OVER_THE_LIMIT:
            raise ImmediateHttpResponse(respond_429(context.request))
        return super().validation_error(code, *args)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the visitor's address as our proxies saw it."""
        return client_address(request)

    def _get_login_attempts_cache_key(
        self,
        request: HttpRequest,  # noqa: ARG002
        **credentials: Any,
    ) -> str:
        # allauth counts by host name too: each name that the site answers to would give new attempts.
        return str(credentials.get("email", "")).lower()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link to choose a password, on the public address whatever host was asked."""
        return password_link_of(key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Go back to the account."""
        return reverse("account")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message; when it cannot leave, say so on the next page instead of failing."""
        words = {"email": email, "site_url": settings.SITE_URL, **context}
        try:
            self.render_mail(template_prefix, email, words).send()
        except (OSError, SMTPException):
            logger.exception("message %s could not be sent", template_prefix)
            messages.error(
                self.request,
                "Le message électronique n’a pas pu partir\u00a0: réessayez dans quelques minutes, "
                "puis prévenez la personne qui gère la plateforme.",
            )

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Return the ways to prove again who one is, in our words."""
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": _METHODS[method["id"]]} for method in methods]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Codes, recovery codes and passkeys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_generate_recovery_codes": (
            "Les codes de secours accompagnent une application ou une clé d’accès\u00a0: "
            "ajoutez-en une d’abord."
        ),
        "incorrect_code": _WRONG_CODE,
    }

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Propose a name for a new passkey."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Clé {count + 1}"

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)
