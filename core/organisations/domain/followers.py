"""Who may follow the background work of a CPTS."""

from collections.abc import Callable

from core.access.actors import Actor
from core.access.verdict import Rule
from core.jobs.models import Job
from core.organisations.models import Cpts


def open_under(rule: Rule) -> Callable[[Job, Actor | None], bool]:
    """Return the `visible_to` of jobs whose payload names their `cpts`: whoever sees it and `rule` allows."""

    def is_open(job: Job, actor: Actor | None) -> bool:
        cpts = Cpts.objects.visible_to(actor).filter(pk=job.payload["cpts"]).first()
        return actor is not None and cpts is not None and bool(rule(actor, cpts))

    return is_open
