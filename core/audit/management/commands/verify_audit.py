"""`manage.py verify_audit`: say whether the journal is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.audit.domain.chains import chain_faults, seal_again
from core.audit.models import AuditChain


class Command(BaseCommand):
    """Check every chain; the heads it prints, kept elsewhere, also prove that nothing was set back."""

    help = "Vérifie que rien n’a été retiré du journal ni modifié."

    def add_arguments(self, parser: CommandParser) -> None:
        """Accept `--reseal`."""
        parser.add_argument(
            "--reseal",
            action="store_true",
            help="puis scelle chaque chaîne avec la SECRET_KEY actuelle, avant d’oublier l’ancienne",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the head of each chain, or every fault with exit status 1, nothing sealed again."""
        faults = list(chain_faults())
        for fault in faults:
            self.stderr.write(str(fault))
        if faults:
            raise CommandError(f"Le journal n’est pas intact\u00a0: {len(faults)} anomalie(s).")
        if options["reseal"]:
            self.stdout.write(f"{seal_again()} chaîne(s) scellée(s) avec la clé actuelle.")
        for chain in AuditChain.objects.order_by("name"):
            self.stdout.write(f"{chain.name}\u00a0: {chain.length} entrées, tête {chain.head}")
        self.stdout.write("Le journal est intact.")
