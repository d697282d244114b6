"""Loads the official geographic code delivered with the application, or another vintage."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.territories.domain.geographic_code import GeographicCodeError, load_geographic_code, packaged_file


class Command(BaseCommand):
    """Idempotent: the same file again changes nothing."""

    help = "Charge le code officiel géographique (communes, EPCI, populations, codes postaux)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the optional file and --replace."""
        parser.add_argument(
            "file", type=Path, nargs="?", help="par défaut, le fichier livré avec l’application"
        )
        parser.add_argument(
            "--replace", action="store_true", help="remplace un millésime chargé d’un autre fichier"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what is there now."""
        try:
            report = load_geographic_code(options["file"] or packaged_file(), replace=options["replace"])
        except GeographicCodeError as error:
            raise CommandError(str(error)) from error
        state = "chargé" if report.changed else "déjà chargé, rien n’a changé"
        self.stdout.write(
            f"Millésime {report.vintage.year} {state}\u00a0: {report.communes} communes, "
            f"{report.arrondissements} arrondissements, {report.epcis} EPCI."
        )
