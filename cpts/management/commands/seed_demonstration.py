"""`manage.py seed_demonstration`: fill the demonstration with invented CPTS and people."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.accounts.models import User
from cpts.demonstration.telling import is_told, tell
from cpts.env import Mode


class Command(BaseCommand):
    """Only in demonstration mode: its accounts have a password that everybody knows."""

    help = "Remplit la démonstration de CPTS et de personnes fictives (mode démonstration seulement)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the story once; a second call changes nothing."""
        if settings.MODE is not Mode.DEMONSTRATION:
            raise CommandError(
                "Cette commande crée des comptes au mot de passe public\u00a0: elle ne s’exécute qu’avec "
                "CPTS_MODE=demonstration."
            )
        if is_told():
            self.stdout.write("La démonstration est déjà remplie.")
            return
        if User.objects.exists():
            raise CommandError(
                "Cette base a déjà des comptes\u00a0: une démonstration commence sur une base vide, "
                "pour que son mot de passe public n’ouvre jamais de vraies données."
            )
        tell(now=timezone.now())
        self.stdout.write("La démonstration est remplie.")
