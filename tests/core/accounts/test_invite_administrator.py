"""`manage.py invite_administrator`: the first person of an installation."""

import smtplib

import pytest
from django.core.management import CommandError, call_command

from core.access.enums import Role
from core.accounts.models import RoleAssignment, User
from core.audit.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)
WHO = ("Lou@Example.org", "--prenom", "Lou", "--nom", "Exemple")


def test_the_first_administrator_gets_the_role_and_a_link(mailoutbox, capsys):
    call_command("invite_administrator", *WHO)
    call_command("invite_administrator", *WHO)

    held = RoleAssignment.objects.get()
    assert (held.role, held.user.email, str(held.user)) == (
        Role.ADMINISTRATOR,
        "lou@example.org",
        "Lou Exemple",
    )
    assert not held.user.has_usable_password()
    (mail,) = mailoutbox
    assert mail.to == ["lou@example.org"]
    assert "/compte/mot-de-passe/choisir/" in mail.body
    assert capsys.readouterr().out.splitlines() == [
        "Une invitation est partie.",
        "Cette personne tient déjà ce rôle.",
    ]
    entry = AuditEntry.objects.get(action="accounts.role_given")
    assert (entry.chain, entry.actor_role) == ("platform", Role.PLATFORM)


def test_what_is_no_address_is_refused():
    with pytest.raises(CommandError, match="n’est pas une adresse"):
        call_command("invite_administrator", "lou", "--prenom", "Lou", "--nom", "Exemple")

    assert not User.objects.exists()


def test_a_message_that_does_not_leave_is_said(monkeypatch):
    def refuse(*_args, **_options):
        raise smtplib.SMTPException

    monkeypatch.setattr("core.accounts.domain.invitations.send_mail", refuse)

    with pytest.raises(CommandError, match="n’a pas pu partir"):
        call_command("invite_administrator", *WHO)
    assert RoleAssignment.objects.count() == 1
