"""The conventional texts published with the application, read from `funding/baremes/`.

A new text is one new TOML file there: nothing else lists them.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from funding.engine import Bareme, BaremeError, applicable_bareme, parse_bareme, size_for_population


@dataclass(frozen=True, slots=True)
class PublishedText:
    """A text and the file it comes from; `sha256` is the checksum a statement stores as a proof."""

    bareme: Bareme
    filename: str
    sha256: str


@cache
def published_texts() -> tuple[PublishedText, ...]:
    """Every published text, oldest first. Raises BaremeError naming the file and the key at fault."""
    directory = files("funding") / "baremes"
    texts = [read_text(file) for file in directory.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(texts, key=lambda text: text.bareme.effective_from))


def published_baremes() -> tuple[Bareme, ...]:
    """The texts alone, oldest first, as the engine takes them."""
    return tuple(text.bareme for text in published_texts())


def size_of(population: int, signed_on: date, bareme: str | None) -> int:
    """Return the size that a population gives a contract: read once, in the text of its first year.

    In: the code of the text that the contract fixes, None for none. Raises EngineError. Rule of ours.
    """
    return size_for_population(population, applicable_bareme(signed_on, published_baremes(), bareme))


def read_text(file: Traversable) -> PublishedText:
    """Read and check one file. Raises BaremeError when it is not TOML or not a complete text."""
    content = file.read_bytes()
    try:
        data = tomllib.loads(content.decode())
    except ValueError as error:
        raise BaremeError(file.name, "fichier", f"ce n’est pas un fichier TOML lisible ({error}).") from error
    return PublishedText(
        bareme=parse_bareme(data, source=file.name),
        filename=file.name,
        sha256=hashlib.sha256(content).hexdigest(),
    )
