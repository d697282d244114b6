"""The territory of a CPTS through time: deciding one, reading those that were, are and will be.

What a decision relied on is copied: a later vintage of the official code changes nothing that was decided.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import Changes, changed, record, snapshot
from core.organisations.enums import TerritoryState
from core.organisations.models import Cpts, TerritoryCommune, TerritoryVersion
from core.territories.domain.selection import TerritorySelection
from core.territories.models import Commune, CommuneContour, Departement, Vintage
from core.ui.formatting import long_date

# Loi 2016-41, which creates the CPTS: no territory is older.
_FIRST_DAY = date(2016, 1, 26)
# A decision is prepared one budget ahead, two at most; a later day is a typing mistake.
_FURTHEST = timedelta(days=731)
_TOLD = ("starts_on", "population", "commune_count", "population_source")


class TerritoryError(ValueError):
    """A territory that cannot be decided; the message is a French sentence."""


@dataclass(frozen=True)
class DatedTerritory:
    """A version and where it stands on the day it is looked at."""

    version: TerritoryVersion
    state: TerritoryState

    @property
    def last_day(self) -> date | None:
        """The last day it holds, None until further notice and for one that never held."""
        if self.version.ends_on is None or self.state is TerritoryState.REPLACED:
            return None
        return self.version.ends_on - timedelta(days=1)

    @property
    def sentence(self) -> str:
        """From when to when it holds, in French, without a full stop."""
        first_day = long_date(self.version.starts_on)
        if self.state is TerritoryState.REPLACED:
            return f"Décidé pour le {first_day}, remplacé avant d’avoir servi"
        if self.last_day is None:
            return f"À partir du {first_day}, jusqu’à nouvelle décision"
        return f"Du {first_day} au {long_date(self.last_day)}"


@dataclass(frozen=True)
class Timeline:
    """Every territory of a CPTS, the latest first."""

    territories: tuple[DatedTerritory, ...]

    @property
    def current(self) -> DatedTerritory | None:
        """The one in force on the day."""
        return next((each for each in self.territories if each.state is TerritoryState.CURRENT), None)

    @property
    def latest(self) -> TerritoryVersion | None:
        """The one that no other ends yet, be it in force or to come."""
        return next((each.version for each in self.territories if each.version.ends_on is None), None)

    @property
    def coming(self) -> list[DatedTerritory]:
        """Those decided for a later day, the nearest first."""
        return [each for each in reversed(self.territories) if each.state is TerritoryState.COMING]


@dataclass(frozen=True)
class Difference:
    """The communes that come, as the official code has them now, and those that go, as they were copied."""

    added: tuple[Commune, ...]
    removed: tuple[TerritoryCommune, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True)
class Proposal:
    """What deciding a territory would do: the version it ends, and the communes that come and go."""

    selection: TerritorySelection
    starts_on: date
    ends: TerritoryVersion | None
    difference: Difference

    @property
    def changes_nothing(self) -> bool:
        """Whether the same communes, read in the same vintage, are the territory already."""
        return self.ends is not None and not self.difference and self._same_vintage

    @property
    def _same_vintage(self) -> bool:
        year = self.selection.vintage.year if self.selection.vintage else None
        return self.ends is not None and self.ends.vintage_year == year

    @property
    def replaces(self) -> bool:
        """Whether it takes the place of a version on its very first day."""
        return self.ends is not None and self.ends.starts_on == self.starts_on


def timeline_of(cpts: Cpts, day: date) -> Timeline:
    """Return every territory of a CPTS as it stands on `day`. One query."""
    versions = TerritoryVersion.objects.filter(cpts=cpts).order_by("-starts_on", "-pk")
    return Timeline(tuple(dated(version, day) for version in versions))


def dated(version: TerritoryVersion, day: date) -> DatedTerritory:
    """Return a version with where it stands on `day`. No query."""
    if version.ends_on == version.starts_on:
        return DatedTerritory(version, TerritoryState.REPLACED)
    if version.starts_on > day:
        return DatedTerritory(version, TerritoryState.COMING)
    over = version.ends_on is not None and version.ends_on <= day
    return DatedTerritory(version, TerritoryState.PAST if over else TerritoryState.CURRENT)


def has_outline(version: TerritoryVersion, vintage: Vintage | None) -> bool:
    """Whether the outline of a commune of this territory is loaded in `vintage`. One query."""
    codes = version.communes.values("code")
    return CommuneContour.objects.filter(commune__vintage=vintage, commune__code__in=codes).exists()


def difference(version: TerritoryVersion | None, selection: TerritorySelection) -> Difference:
    """Return what would change from a version (None: no territory yet) to a selection. One query."""
    former = {row.code: row for row in version.communes.order_by("pk")} if version else {}
    kept = {row.code for row in selection.communes}
    return Difference(
        added=tuple(row for row in selection.communes if row.code not in former),
        removed=tuple(row for row in former.values() if row.code not in kept),
    )


def propose_territory(
    cpts: Cpts, selection: TerritorySelection, *, starts_on: date, today: date, seen: int | None = None
) -> Proposal:
    """Return what deciding this territory from `starts_on` would do. Writes nothing; two queries.

    `seen` is the number of the latest version that the person deciding was shown (0: none; None: nobody was
    shown any). Raises StaleError when there is another one since, TerritoryError when there is no commune or
    when the day cannot be. The very territory that stands already is proposed whatever the day.
    """
    if not selection:
        raise TerritoryError("Choisissez au moins une commune.")
    latest = TerritoryVersion.objects.filter(cpts=cpts, ends_on=None).first()
    proposal = Proposal(selection, starts_on, latest, difference(latest, selection))
    if not proposal.changes_nothing:
        if seen is not None and seen != (latest.pk if latest else 0):
            raise StaleError
        _check_day(starts_on, latest, today)
    return proposal


@transaction.atomic
def decide_territory(
    cpts: Cpts,
    selection: TerritorySelection,
    *,
    starts_on: date,
    by: Actor,
    now: datetime,
    seen: int | None = None,
) -> TerritoryVersion:
    """Give a CPTS its territory from `starts_on` until further notice, and return it.

    The version without an end stops on the eve; it never held when it begins on the same day. One that starts
    later leaves today's in force. The same territory again is returned as it stands, nothing is written.
    Raises as `propose_territory`, where `seen` is explained.
    """
    # Two decisions at once: the second waits here, then finds the first.
    Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    today = timezone.localdate(now)
    proposal = propose_territory(cpts, selection, starts_on=starts_on, today=today, seen=seen)
    if proposal.changes_nothing and proposal.ends:
        return proposal.ends
    if proposal.ends:
        proposal.ends.ends_on = starts_on
        proposal.ends.save(update_fields=["ends_on"])
    version = _stored(cpts, proposal, now=now)
    record(
        "organisations.territory_decided",
        version,
        by=by,
        now=now,
        cpts_id=cpts.pk,
        changes=_told(proposal, version),
    )
    return version


def _check_day(starts_on: date, latest: TerritoryVersion | None, today: date) -> None:
    furthest = today + _FURTHEST
    if starts_on < _FIRST_DAY:
        raise TerritoryError(f"Les CPTS existent depuis le {long_date(_FIRST_DAY)}\u00a0: vérifiez l’année.")
    if starts_on > furthest:
        raise TerritoryError(
            f"Un territoire se décide deux ans à l’avance au plus, jusqu’au {long_date(furthest)}\u00a0: "
            "vérifiez l’année."
        )
    if latest and starts_on < latest.starts_on:
        raise TerritoryError(
            f"Un territoire est déjà décidé à partir du {long_date(latest.starts_on)}\u00a0: choisissez ce "
            "jour pour le remplacer, ou un jour qui le suit."
        )


def _stored(cpts: Cpts, proposal: Proposal, *, now: datetime) -> TerritoryVersion:
    selection = proposal.selection
    version = TerritoryVersion.objects.create(
        cpts=cpts,
        starts_on=proposal.starts_on,
        vintage_year=selection.vintage.year if selection.vintage else 0,
        population=selection.population,
        population_source=selection.source,
        commune_count=len(selection.communes),
        recorded_at=now,
    )
    departements = {row.departement_id for row in selection.communes}
    regions = dict(Departement.objects.filter(pk__in=departements).values_list("pk", "region__code"))
    # Written in the order they are read in: by EPCI, the most populated first, then by name.
    rows = [row for group in selection.groups for row in group.communes]
    TerritoryCommune.objects.bulk_create(
        [_copy(row, version, regions[row.departement_id]) for row in rows], batch_size=500
    )
    return version


def _copy(commune: Commune, version: TerritoryVersion, region_code: str) -> TerritoryCommune:
    epci = commune.listed_epci
    return TerritoryCommune(
        territory=version,
        code=commune.code,
        city_code=commune.parent.code if commune.parent else commune.code,
        name=commune.name,
        departement_code=commune.departement.code,
        departement_name=commune.departement.name,
        region_code=region_code,
        epci_code=epci.code if epci else "",
        epci_name=epci.name if epci else "",
        population=commune.population,
    )


def _told(proposal: Proposal, version: TerritoryVersion) -> Changes:
    """Return what the journal says: the day, the communes that come and go by name, the inhabitants."""
    before = snapshot(proposal.ends, _TOLD) if proposal.ends else {}
    changes = changed(before, snapshot(version, _TOLD))
    if proposal.difference.added:
        changes["communes_added"] = [None, [str(row) for row in proposal.difference.added]]
    if proposal.difference.removed:
        changes["communes_removed"] = [[str(row) for row in proposal.difference.removed], None]
    return changes
