"""What must not be true of an installation that is about to serve: `migrate` and `check --deploy` look."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connection

from core.accounts.models import User
from cpts.demonstration.story import PASSWORD, PEOPLE
from cpts.env import Mode


@register(Tags.database)
def no_public_password(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Refuse a production on a base that was a demonstration: its accounts have a public password."""
    if settings.MODE is not Mode.PRODUCTION or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if User._meta.db_table not in connection.introspection.table_names():
        return []
    accounts = User.objects.filter(email__in=[person.email for person in PEOPLE], is_active=True)
    # Two columns: the others may be of a version that is not there yet.
    opened = [email for email, known in accounts.values_list("email", "password") if _is_public(known)]
    if not opened:
        return []
    names = ", ".join(opened)
    sentence = f"Le mot de passe public de la démonstration ouvre des comptes de cette base\u00a0: {names}."
    hint = "Installez la production sur une base vide."
    return [Error(sentence, hint=hint, id="cpts.E001")]


def _is_public(password: str) -> bool:
    return check_password(PASSWORD, password)


@register(Tags.security, deploy=True)
def no_link_in_the_log(**_options: Any) -> list[CheckMessage]:
    """Warn that messages go to the log: the links in them open accounts to whoever reads it."""
    if settings.EMAIL_BACKEND != "django.core.mail.backends.console.EmailBackend":
        return []
    sentence = "Les messages sont écrits dans le journal du serveur, avec les liens qui ouvrent des comptes."
    return [Warning(sentence, hint="Donnez EMAIL_URL.", id="cpts.W001")]
