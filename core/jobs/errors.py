"""What can go wrong with a job, as sentences for the person who asked for it."""

from datetime import timedelta
from math import ceil


class JobError(Exception):
    """The work cannot be done; the message is a French sentence shown to the user."""


class UnknownKindError(JobError):
    """No app of this version knows how to do this kind of job."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"Cette version de la plateforme ne sait pas faire ce travail («\u00a0{kind}\u00a0»)."
        )


class AttemptLostError(Exception):
    """The job was given to somebody else, or is over: this attempt must stop and write nothing more."""


class ForbiddenTransitionError(Exception):
    """The transition table does not allow this move."""


class RateLimitedError(Exception):
    """The requester asked too much; `wait` is how long until the next request is accepted."""

    def __init__(self, *, limit: int, wait: timedelta) -> None:
        self.limit = limit
        self.wait = wait
        minutes = max(1, ceil(wait.total_seconds() / 60))
        plural = "s" if minutes > 1 else ""
        super().__init__(
            f"Vous avez atteint la limite de {limit} demandes par heure. "
            f"Vous pourrez recommencer dans {minutes}\u00a0minute{plural}."
        )
