"""The kinds of jobs: each app registers its own when it is ready.

The jobs app knows nobody above it; a high app says here how its work is done and where its result is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.access.actors import Actor
from core.jobs.errors import UnknownKindError
from core.jobs.models import Job

Report = Callable[[int, str], None]


def to_whoever_knows_it(_job: Job, _actor: Actor | None) -> bool:
    """Show a job to anybody: its number cannot be guessed."""
    return True


@dataclass(frozen=True)
class JobKind:
    """How one kind of job is named, done, and where its result is seen.

    `label`: French name, as in « PDF de l’échéancier ».
    `run(job, report)`: does the work; `report(percent, label)` tells how far it is. It may be called again
    after a crash, so it gives the same result once. Raises JobError with a sentence for the user.
    `result_url(job)`: French label and address of the result of a done job.
    `back_url(job)`: French label and address of the page where it was asked.
    `visible_to(job, actor)`: whether somebody (None: nobody in particular) may follow it and run it again;
    for who may not, its page does not exist.
    """

    name: str
    label: str
    run: Callable[[Job, Report], None]
    result_url: Callable[[Job], tuple[str, str]]
    back_url: Callable[[Job], tuple[str, str]]
    visible_to: Callable[[Job, Actor | None], bool] = to_whoever_knows_it


_kinds: dict[str, JobKind] = {}


def register_kind(kind: JobKind) -> None:
    """Make a kind known; raises ValueError when another one has its name."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"Two kinds of jobs are named {kind.name!r}")


def kind_named(name: str) -> JobKind:
    """Return a registered kind; raises UnknownKindError."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKindError(name) from None
