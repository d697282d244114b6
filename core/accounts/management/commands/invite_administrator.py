"""`manage.py invite_administrator`: bring in the first person who administrates the platform."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.accounts.domain.invitations import invite_person


class Command(BaseCommand):
    """Give the role and send the link to choose a password, as the page does for those who come next."""

    help = "Confie l’administration de la plateforme à une personne et lui envoie son invitation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who it is."""
        parser.add_argument("email", help="adresse électronique de la personne")
        parser.add_argument("--prenom", required=True, help="son prénom")
        parser.add_argument("--nom", required=True, help="son nom")

    def handle(self, *args: Any, email: str, prenom: str, nom: str, **options: Any) -> None:
        """Say what became of it; exit status 1 for what is no address or a message that did not leave."""
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"«\u00a0{email}\u00a0» n’est pas une adresse électronique.") from error
        invitation = invite_person(
            email=email,
            first_name=prenom,
            last_name=nom,
            role=Role.ADMINISTRATOR,
            by=PLATFORM,
            now=timezone.now(),
        )
        if invitation.has_left is False:
            raise CommandError(
                "Le rôle est confié, mais le message n’a pas pu partir\u00a0: voyez EMAIL_URL."
            )
        done = "Une invitation est partie." if invitation.is_new else "Cette personne tient déjà ce rôle."
        self.stdout.write(done)
