"""Where a CPTS stands: what its people declare, then what the facts recorded on the platform prove."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from core.access.actors import PLATFORM, Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, record, snapshot
from core.organisations.enums import Stage, StageSource
from core.organisations.models import Cpts
from core.ui.formatting import long_date

FIRST_DAY = date(2016, 1, 26)
"""Day of the act of Parliament that created the CPTS (loi n° 2016-41)."""
_FIELDS = ("stage", "stage_since", "stage_source")


class StageError(Exception):
    """A stage that cannot be declared; the message is a French sentence."""


@dataclass(frozen=True)
class Step:
    """A stage as the sheet draws it: passed, the one reached, or still to come."""

    stage: Stage
    is_passed: bool
    is_current: bool

    @property
    def label(self) -> str:
        """The stage in French."""
        return str(self.stage.label)


def steps_of(cpts: Cpts) -> list[Step]:
    """Return the seven stages, in order, seen from where the CPTS stands."""
    stages = list(Stage)
    reached = stages.index(Stage(cpts.stage))
    return [Step(stage, rank < reached, rank == reached) for rank, stage in enumerate(stages)]


def is_proven(cpts: Cpts) -> bool:
    """Whether something recorded on the platform proves the stage: nobody declares it any more."""
    return bool(cpts.stage_source == StageSource.FACT)


def declarable_stages() -> list[Stage]:
    """Return the stages that people may declare: only a recorded contract makes a CPTS join the ACI."""
    return [stage for stage in Stage if stage != Stage.UNDER_ACI]


@transaction.atomic
def declare_stage(
    cpts: Cpts,
    stage: Stage,
    since: date,
    *,
    by: Actor,
    now: datetime,
    seen: tuple[str, date] | None = None,
) -> Cpts:
    """Note the stage that the coordinator declares, and return the CPTS as it now is.

    In: the stage and the day since which it holds; `seen`, the stage and day that were on the screen (None:
    nobody looked). A stage may go back: a pré-projet is sent back for rework, a click was wrong. The day has
    no order with the former one, which is often the day of the first entry on the platform; it is not in the
    future and not before the act that created CPTS. The same declaration again writes nothing. Raises
    StageError, or StaleError when the stage changed since it was seen.
    """
    locked = Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    _check_declaration(locked, stage, since, today=timezone.localdate(now))
    if (locked.stage, locked.stage_since) == (stage, since):
        return locked
    if seen is not None and seen != (locked.stage, locked.stage_since):
        raise StaleError
    return _write(locked, stage, since, StageSource.DECLARED, by=by, now=now)


@transaction.atomic
def establish_stage(cpts: Cpts, stage: Stage, since: date, *, now: datetime, by: Actor = PLATFORM) -> Cpts:
    """Note the stage that facts prove, and return the CPTS as it now is; called by the apps that hold them.

    A fact replaces what was declared, and a later fact replaces it. The same fact again writes nothing.
    """
    locked = Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    return _write(locked, stage, since, StageSource.FACT, by=by, now=now)


def _check_declaration(cpts: Cpts, stage: Stage, since: date, *, today: date) -> None:
    if is_proven(cpts):
        raise StageError("L’étape est établie par ce qui est enregistré ici\u00a0: elle ne se déclare plus.")
    if stage not in declarable_stages():
        raise StageError(
            "L’adhésion à l’ACI ne se déclare pas\u00a0: elle suit l’enregistrement du contrat signé."
        )
    if since > today:
        raise StageError("Cette date est à venir\u00a0: donnez le jour où l’étape a commencé.")
    if since < FIRST_DAY:
        raise StageError(
            f"Les CPTS existent depuis la loi du {long_date(FIRST_DAY)}\u00a0: donnez une date plus récente."
        )


def _write(cpts: Cpts, stage: Stage, since: date, source: StageSource, *, by: Actor, now: datetime) -> Cpts:
    before = snapshot(cpts, _FIELDS)
    cpts.stage, cpts.stage_since, cpts.stage_source = stage, since, source
    changes = changed(before, snapshot(cpts, _FIELDS))
    if changes:
        cpts.save(update_fields=_FIELDS)
        verb = "stage_established" if source == StageSource.FACT else "stage_declared"
        record(f"organisations.{verb}", cpts, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    return cpts
