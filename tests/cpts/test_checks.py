"""What is checked before an installation serves."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from core.accounts.models import User
from cpts.checks import no_link_in_the_log, no_public_password
from cpts.demonstration.story import PASSWORD, PEOPLE
from cpts.env import Mode

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("mode", "password", "refused"),
    [
        (Mode.PRODUCTION, PASSWORD, True),
        (Mode.PRODUCTION, "un autre mot de passe", False),
        (Mode.DEMONSTRATION, PASSWORD, False),
        (Mode.DEVELOPMENT, PASSWORD, False),
    ],
)
def test_a_production_does_not_begin_on_the_base_of_a_demonstration(settings, mode, password, refused):
    settings.MODE = mode
    person = User.objects.create_user(PEOPLE[0].email, password)
    User.objects.create_user("autre@example.org", PASSWORD)

    found = no_public_password(databases=["default"])

    assert [error.id for error in found] == (["cpts.E001"] if refused else [])
    assert all(person.email in error.msg for error in found)
    assert no_public_password(databases=None) == []
    if refused:
        with pytest.raises(SystemCheckError, match=r"cpts\.E001"):
            call_command("migrate", verbosity=0, skip_checks=False)


@pytest.mark.parametrize(("backend", "warned"), [("console", ["cpts.W001"]), ("smtp", []), ("filebased", [])])
def test_a_deployment_whose_messages_go_to_the_log_is_warned(settings, backend, warned):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"

    assert [warning.id for warning in no_link_in_the_log()] == warned
