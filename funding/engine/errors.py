"""What the engine says when it refuses to compute."""

from collections.abc import Mapping

from funding.engine.french import NBSP


class BaremeError(ValueError):
    """A text's data file is wrong; the message names the file and the key."""

    def __init__(self, source: str, key: str, sentence: str) -> None:
        super().__init__(f"{source}, {key}{NBSP}: {sentence}")


class EngineError(ValueError):
    """The terms of a contract cannot be computed.

    `errors` maps the field at fault (`signed_on`, `missions.parcours`, …) to one French sentence, so that a
    form shows every mistake beside its field at once; `str()` joins them on a single line.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(f"{field}{NBSP}: {sentence}" for field, sentence in errors.items()))
