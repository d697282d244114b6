"""What this app says when it refuses."""

from collections.abc import Mapping


class ContractError(ValueError):
    """A contract or one of its rates cannot be recorded as it is; nothing was written.

    `errors` maps the field at fault (`signed_on`, `missions`, …) to one French sentence, as the engine's
    refusals do: a form shows both in the same way.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(errors.values()))
