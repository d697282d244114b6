"""Loads the outlines of communes, for maps."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.territories.domain.contours import ContourError, load_contours
from core.territories.models import Vintage


class Command(BaseCommand):
    """May be run again, and with several files: outlines already there are replaced."""

    help = (
        "Charge les contours des communes depuis le GeoJSON officiel «\u00a0Contours administratifs\u00a0» "
        "(data.gouv.fr, fichiers communes-100m et arrondissements municipaux, .geojson ou .json.gz)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and the vintage."""
        parser.add_argument("file", type=Path, help="fichier GeoJSON, compressé par gzip ou non")
        parser.add_argument("--vintage", type=int, help="millésime, par défaut le dernier chargé")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many outlines are stored."""
        vintages = Vintage.objects.all()
        year = options["vintage"]
        vintage = vintages.filter(year=year).first() if year else vintages.current()
        if vintage is None:
            raise CommandError("Ce millésime n’est pas chargé\u00a0: lancez d’abord load_geographic_code.")
        try:
            report = load_contours(options["file"], vintage)
        except ContourError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{report.stored} contours chargés pour le millésime {vintage.year}, "
            f"{report.unknown} codes du fichier inconnus de ce millésime."
        )
