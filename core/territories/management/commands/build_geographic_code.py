"""Builds the packaged geographic code from the npm package it comes from."""

import tarfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.territories.domain.package import read_package, reduce_package, write_geographic_code


def _other_year(text: str) -> tuple[str, int | None]:
    departement, _, year = text.partition("=")
    return departement, int(year) if year else None


class Command(BaseCommand):
    """Reduce @etalab/decoupage-administratif (`npm pack @etalab/decoupage-administratif@6.0.0`)."""

    help = (
        "Produit le code officiel géographique livré avec l’application à partir du paquet npm "
        "@etalab/decoupage-administratif (npm pack @etalab/decoupage-administratif@6.0.0)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the package, the vintage and the years of its figures."""
        parser.add_argument("package", type=Path, help="dossier du paquet, ou archive .tgz de npm pack")
        parser.add_argument("--vintage", type=int, required=True, help="millésime du code, par exemple 2026")
        parser.add_argument("--population-year", type=int, required=True, help="année des populations")
        parser.add_argument(
            "--other-year",
            type=_other_year,
            action="append",
            default=[],
            metavar="DEPARTEMENT=ANNEE",
            help="année propre à un département (976=2017), vide si elle n’est pas unique (987=)",
        )
        parser.add_argument("--output", type=Path, required=True, help="fichier .json.gz à écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, reduce, write and say what was found."""
        try:
            files = read_package(options["package"])
        except (OSError, KeyError, ValueError, tarfile.TarError) as error:
            raise CommandError(f"Paquet illisible\u00a0: {error}.") from error
        data = reduce_package(
            files,
            vintage=options["vintage"],
            population_year=options["population_year"],
            other_years=dict(options["other_year"]),
        )
        write_geographic_code(data, options["output"])
        inhabitants = sum(row[2] or 0 for row in data["communes"])
        self.stdout.write(
            f"{options['output']}\u00a0: {len(data['communes'])} communes, {inhabitants} habitants, "
            f"{len(data['arrondissements'])} arrondissements, {len(data['epci'])} EPCI."
        )
