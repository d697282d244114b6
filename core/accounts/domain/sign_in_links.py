"""Links by which a person chooses a password: sent by e-mail, valid once."""

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from core.accounts.models import User


def password_link(user: User) -> str:
    """Return the absolute address where `user` chooses a password, a first one or a new one.

    It holds for PASSWORD_RESET_TIMEOUT and dies as soon as it served: the token is drawn from the present
    password (usable or not), the last sign-in and the address. Whoever holds the link is `user`: it is only
    ever sent to their address.
    """
    return password_link_of(f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}")


def password_link_of(key: str) -> str:
    """Return the address of a key `<person>-<token>`, on the site's public address."""
    person, _, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": person, "key": token})
    return f"{settings.SITE_URL}{path}"
