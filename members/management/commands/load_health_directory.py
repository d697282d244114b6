"""Loads the open national directory of health professionals."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.ui.formatting import long_date, number
from members.domain.directory_lines import FILE_NAME, DirectoryFileError, Tally, date_of, opened_directory
from members.domain.national_directory import Reading, load_directory

_STANDARD_INPUT = "-"


class Command(BaseCommand):
    """May be run again: each edition takes the place of the former, once it is complete."""

    help = (
        f"Charge l’annuaire national des professionnels de santé ({FILE_NAME}_….txt, ou l’archive .zip qui "
        "le contient), réduit aux communes des CPTS de la plateforme."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and its date."""
        parser.add_argument("file", help="fichier texte ou archive zip, ou - pour l’entrée standard")
        parser.add_argument(
            "--published-on",
            type=date.fromisoformat,
            help="date du fichier (AAAA-MM-JJ), si son nom ne la dit pas",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, saying how far it is, then what was kept and what was not."""
        try:
            with _opened(options["file"]) as (name, stream):
                reading = self._load(name, stream, options)
        except DirectoryFileError as error:
            raise CommandError(str(error)) from error
        self._tell(reading)

    def _load(self, name: str, stream: BinaryIO, options: dict[str, Any]) -> Reading:
        published_on = options["published_on"] or date_of(name) or date_of(Path(options["file"]).name)
        if published_on is None:
            raise CommandError(
                "Le nom du fichier ne dit pas sa date\u00a0: donnez-la par --published-on AAAA-MM-JJ."
            )
        return load_directory(
            name, stream, published_on=published_on, now=timezone.now(), report=self._progress
        )

    def _progress(self, lines: int) -> None:
        self.stdout.write(f"{number(lines)} lignes lues…")
        self.stdout.flush()

    def _tell(self, reading: Reading) -> None:
        edition, tally = reading.edition, reading.tally
        self.stdout.write(
            f"Édition du {long_date(edition.published_on)} chargée\u00a0: {number(edition.kept_count)} "
            f"professionnels gardés, sur {number(tally.lines)} lignes lues."
        )
        for line in _left_out(tally):
            self.stdout.write(line)


@contextmanager
def _opened(source: str) -> Iterator[tuple[str, BinaryIO]]:
    if source == _STANDARD_INPUT:
        yield "entrée standard", sys.stdin.buffer
    else:
        with opened_directory(Path(source)) as opened:
            yield opened


def _left_out(tally: Tally) -> Iterator[str]:
    """Yield what of the territories, or of the file, was not kept."""
    if tally.malformed:
        yield f"{number(tally.malformed)} lignes illisibles (colonnes ou codage), laissées de côté."
    if tally.students:
        yield f"{number(tally.students)} lignes d’étudiants, laissées de côté."
    if tally.unknown_professions:
        codes = ", ".join(
            f"{code or 'sans code'} ({number(count)})"
            for code, count in sorted(tally.unknown_professions.items())
        )
        yield f"Lignes de professions que la plateforme ne suit pas, par code\u00a0: {codes}."
