"""Whether somebody may do something, and why not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.exceptions import PermissionDenied


class RefusedError(PermissionDenied):
    """A rule forbids it; the message is the French reason, shown with a 403."""


class StaleError(Exception):
    """What is being changed was changed by somebody else since it was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a rule; `reason` is a French sentence, empty when allowed."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise RefusedError with the reason, unless allowed."""
        if not self.allowed:
            raise RefusedError(self.reason)


class Tenant(Protocol):
    """A CPTS as rules see it, which know no row."""

    pk: Any


ALLOWED = Verdict(True)

Rule = Callable[..., Verdict]
"""From who acts and what they act on, already loaded, to a verdict. A rule makes no query."""


def refused(reason: str) -> Verdict:
    """Return the verdict that forbids, with its French reason."""
    return Verdict(False, reason)


def allowed_if(condition: Any, reason: str) -> Verdict:
    """Return ALLOWED when `condition` holds, else the refusal for this reason."""
    return ALLOWED if condition else refused(reason)
