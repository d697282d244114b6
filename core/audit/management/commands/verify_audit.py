"""`manage.py verify_audit`: say whether the journal is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.audit.domain.chains import chain_faults
from core.audit.models import AuditChain


class Command(BaseCommand):
    """Check every chain; the heads it prints, kept elsewhere, also prove that nothing was set back."""

    help = "Vérifie que rien n’a été retiré du journal ni modifié."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the head of each chain, or every fault with exit status 1."""
        faults = list(chain_faults())
        for fault in faults:
            self.stderr.write(str(fault))
        if faults:
            raise CommandError(f"Le journal n’est pas intact\u00a0: {len(faults)} anomalie(s).")
        for chain in AuditChain.objects.order_by("name"):
            self.stdout.write(f"{chain.name}\u00a0: {chain.length} entrées, tête {chain.head}")
        self.stdout.write("Le journal est intact.")
