"""`manage.py forget_second_factors`: let somebody in who lost their phone, their keys and their codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.access.actors import PLATFORM
from core.accounts.domain.people import forget_second_factors
from core.accounts.models import User


class Command(BaseCommand):
    """Remove every second factor of one person; the journal keeps how one made sure that it was them."""

    help = "Retire l’application de codes, les clés d’accès et les codes de secours d’une personne."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of the account, and how the request was checked."""
        parser.add_argument("email", help="adresse électronique du compte")
        parser.add_argument(
            "--motif", required=True, help="comment vous vous êtes assuré que c’est bien cette personne"
        )

    def handle(self, *args: Any, email: str, motif: str, **options: Any) -> None:
        """Say how many were removed; exit status 1 when nobody has this address."""
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Aucun compte n’a l’adresse {email}.")
        count = forget_second_factors(person, by=PLATFORM, now=timezone.now(), note=motif)
        self.stdout.write(f"{count} moyen(s) retiré(s). Le mot de passe de {person} suffit de nouveau.")
