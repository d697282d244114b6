"""Erasing what the journal says of somebody: the entries stay, and their chain says what was erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.access.actors import Actor
from core.audit.domain.details import ERASED, Subject
from core.audit.domain.journal import Deed, held_chain, record_many
from core.audit.models import AuditDetail, AuditEntry
from core.audit.models.detail import AuditDetailQuerySet
from core.audit.models.entry import chain_of


def erase_details(
    action: str,
    subject: Subject,
    details: AuditDetailQuerySet,
    *,
    by: Actor,
    now: datetime,
    cpts_id: int | None,
    changes: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Erase these details, and record `action` with the positions they were at; return the entry.

    Only details of the journal named by `cpts_id` are erased. The entry names its subject as they are known
    once erased, and `changes` must say nothing of anybody. In the caller's transaction, as `record`.
    """
    # Whoever records at the same time is before, and erased too, or after, and not said to be.
    chain = held_chain(chain_of(cpts_id), now=now)
    doomed = dict(details.filter(entry__chain=chain.name).values_list("pk", "entry__position"))
    AuditDetail.objects.filter(pk__in=doomed).delete()
    told = {**(changes or {}), ERASED: sorted(doomed.values())}
    deed = Deed(action, subject.row, told, label=subject.known_as)
    return record_many([deed], by=by, now=now, cpts_id=cpts_id)[0]
