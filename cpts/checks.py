"""What must not be true of a base that is about to serve: `manage.py migrate` looks, and stops there."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, register
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
