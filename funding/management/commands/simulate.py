"""Payment schedules on the command line: JSON in, JSON out."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from funding.domain.simulation import SimulationError, parse_simulation, run_simulation, to_json
from funding.engine.french import quoted, shown

LARGEST_INPUT_IN_BYTES = 5 * 1024 * 1024
BAD_INPUT = 2
STANDARD_INPUT = "-"
NO_DATABASE = (
    "La base de données n’est pas prête\u00a0: lancez les commandes migrate puis load_geographic_code "
    "(«\u00a0make demo\u00a0» le fait), ou donnez la population."
)


class UnreadableInputError(ValueError):
    """The input as a whole cannot be read; the message is the sentence to show."""


@dataclass(frozen=True, slots=True)
class RepeatedKey:
    """Stands for a JSON object that has the same key twice, until it is refused."""

    name: str


class Command(BaseCommand):
    """One contract gives its schedule, a list of contracts the list of their schedules.

    A bad contract exits with 2 and one line on standard error, nothing on standard output; in a list it
    becomes `{"error": sentence}` and the others are computed.
    """

    help = "Calcule l’échéancier de paiement d’un contrat (ou d’une liste de contrats) décrit en JSON."
    # With a size or a population this is pure calculation: neither checks nor database.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FICHIER", help="fichier JSON, ou - pour l’entrée standard")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        speak_utf8()
        try:
            payload = load_json(read_bytes(file))
            if isinstance(payload, list):
                self.write_each(payload)
            else:
                self.stdout.write(to_text(simulate(payload)))
        except (UnreadableInputError, SimulationError) as error:
            self.stderr.write(str(error))
            raise SystemExit(BAD_INPUT) from error

    def write_each(self, payloads: list[object]) -> None:
        """Write the result of each contract as it comes, so that a long list does not fill the memory."""
        self.stdout.write("[", ending="")
        for index, payload in enumerate(payloads):
            self.stdout.write(",\n" if index else "\n", ending="")
            self.stdout.write(to_text(simulate_or_explain(payload)), ending="")
        self.stdout.write("\n]")


def to_text(result: dict[str, Any]) -> str:
    """A result as JSON that people can read too."""
    return json.dumps(result, ensure_ascii=False, indent=2)


def simulate_or_explain(payload: object) -> dict[str, Any]:
    """The result of a contract, or the sentence that says why there is none."""
    try:
        return simulate(payload)
    except SimulationError as error:
        return {"error": str(error)}


def simulate(payload: object) -> dict[str, Any]:
    """The result of one contract. Raises SimulationError."""
    for name in repeated_keys(payload):
        raise SimulationError({shown(name): "Cette clé est donnée deux fois."})
    if not isinstance(payload, dict):
        raise SimulationError({"contrat": "Un contrat est décrit par un objet JSON."})
    try:
        return to_json(run_simulation(parse_simulation(payload)))
    except DatabaseError as error:
        raise SimulationError({"territory": NO_DATABASE}) from error


def repeated_keys(payload: object) -> Iterator[str]:
    """The keys given twice in the same object, anywhere in the payload."""
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        if isinstance(value, RepeatedKey):
            yield value.name
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def read_bytes(file: str) -> bytes:
    """The content of a file, or of the standard input. Raises UnreadableInputError."""
    name = Path(file).name or file
    try:
        with nullcontext(sys.stdin.buffer) if file == STANDARD_INPUT else Path(file).open("rb") as stream:
            content = stream.read(LARGEST_INPUT_IN_BYTES + 1)
    except FileNotFoundError as error:
        raise UnreadableInputError(f"Le fichier {quoted(name)} n’existe pas.") from error
    except OSError as error:
        raise UnreadableInputError(f"Le fichier {quoted(name)} ne peut pas être lu.") from error
    if len(content) > LARGEST_INPUT_IN_BYTES:
        raise UnreadableInputError(f"L’entrée dépasse {LARGEST_INPUT_IN_BYTES // 1024**2} Mio.")
    return content


def load_json(content: bytes) -> object:
    """The JSON value of a UTF-8 content, numbers exact. Raises UnreadableInputError."""
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_float=to_decimal,
            parse_constant=Decimal,
            object_pairs_hook=to_object,
        )
    except UnicodeDecodeError as error:
        raise UnreadableInputError("L’entrée n’est pas du texte en UTF-8.") from error
    except json.JSONDecodeError as error:
        place = f"ligne {error.lineno}, colonne {error.colno}"
        raise UnreadableInputError(f"L’entrée n’est pas du JSON valide ({place}).") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInputError("L’entrée contient un nombre démesuré ou trop de niveaux.") from error


def to_decimal(text: str) -> Decimal:
    """A JSON number as it is written. Raises ValueError when its exponent is out of reach."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


def to_object(pairs: list[tuple[str, object]]) -> dict[str, object] | RepeatedKey:
    """A JSON object, or the mark of its first repeated key."""
    values: dict[str, object] = {}
    for name, value in pairs:
        if name in values:
            return RepeatedKey(name)
        values[name] = value
    return values


def speak_utf8() -> None:
    """JSON is UTF-8 whatever the locale of the terminal."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
