"""Communes that two CPTS hold at the same time (domain reference, section 3): shown, never refused.

Two CPTS share a commune that both hold, or an arrondissement of a city that one of them holds whole. Two
arrondissements of one city are two places.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.organisations.models import Cpts, TerritoryCommune
from core.territories.domain.selection import TerritorySelection
from core.ui.folding import fold


@dataclass(frozen=True)
class SharedCommune:
    """A commune, or an arrondissement, that two CPTS hold; `population` is None when it has no figure."""

    code: str
    city_code: str
    name: str
    population: int | None


@dataclass(frozen=True)
class Overlap:
    """What a CPTS shares with another: since some day already (`begins_on` None), or from a day to come."""

    cpts_id: int
    cpts_name: str
    communes: tuple[SharedCommune, ...]
    begins_on: date | None

    @property
    def population(self) -> int:
        """Inhabitants of the shared communes whose figure is known."""
        return sum(commune.population or 0 for commune in self.communes)


class _Held(NamedTuple):
    """A commune held by a CPTS from a day to the eve of another; the fields of `_FIELDS`, in order."""

    cpts_id: int
    cpts_name: str
    code: str
    city_code: str
    name: str
    population: int | None
    vintage: int
    starts_on: date
    ends_on: date | None


_FIELDS = (
    "territory__cpts_id",
    "territory__cpts__name",
    "code",
    "city_code",
    "name",
    "population",
    "territory__vintage_year",
    "territory__starts_on",
    "territory__ends_on",
)
_Found = dict[tuple[int, str, str], tuple[date, _Held]]


def overlaps_of(cpts: Cpts, day: date) -> list[Overlap]:
    """Return what `cpts` shares with others on `day`, then what decided territories will make it share.

    The largest population first. One query, which reads the communes of `cpts` and those of others in the
    same cities.
    """
    own = _not_over(day).filter(territory__cpts=cpts)
    rows = _read(_not_over(day).filter(city_code__in=own.values("city_code")))
    mine = [row for row in rows if row.cpts_id == cpts.pk]
    return _overlaps(mine, (row for row in rows if row.cpts_id != cpts.pk), day)


def overlaps_of_selection(
    selection: TerritorySelection, cpts: Cpts, *, starts_on: date, day: date
) -> list[Overlap]:
    """Return what `cpts` would share with others, `selection` being its territory from `starts_on`."""
    year = selection.vintage.year if selection.vintage else 0
    mine = [
        _Held(
            cpts_id=cpts.pk,
            cpts_name=cpts.name,
            code=row.code,
            city_code=row.parent.code if row.parent else row.code,
            name=row.name,
            population=row.population,
            vintage=year,
            starts_on=starts_on,
            ends_on=None,
        )
        for row in selection.communes
    ]
    same_cities = _not_over(day).filter(city_code__in={row.city_code for row in mine})
    return _overlaps(mine, _read(same_cities.exclude(territory__cpts=cpts)), day)


def overlap_counts(cpts_ids: Collection[int], day: date) -> dict[int, int]:
    """Return with how many others each of these CPTS shares communes on `day`; 0 is left out. One query."""
    held = _not_over(day).filter(territory__starts_on__lte=day)
    others = held.filter(city_code=OuterRef("city_code")).exclude(territory__cpts=OuterRef("territory__cpts"))
    # Nearly every city has one holder: the database leaves them out before anything is read.
    shared = held.filter(Exists(others), territory__cpts__in=cpts_ids).values("city_code")
    by_city = defaultdict(list)
    for row in _read(held.filter(city_code__in=shared)):
        by_city[row.city_code].append(row)
    sharing: dict[int, set[int]] = defaultdict(set)
    for rows in by_city.values():
        for one, other in _pairs([row for row in rows if row.cpts_id in cpts_ids], rows):
            sharing[one.cpts_id].add(other.cpts_id)
    return {cpts_id: len(others) for cpts_id, others in sharing.items()}


def _not_over(day: date) -> QuerySet[TerritoryCommune]:
    return TerritoryCommune.objects.filter(Q(territory__ends_on=None) | Q(territory__ends_on__gt=day))


def _read(communes: QuerySet[TerritoryCommune]) -> list[_Held]:
    return [_Held(*row) for row in communes.values_list(*_FIELDS)]


def _overlaps(mine: Iterable[_Held], others: Iterable[_Held], day: date) -> list[Overlap]:
    found: _Found = {}
    by_city = defaultdict(list)
    for row in others:
        by_city[row.city_code].append(row)
    for one in mine:
        for _one, other in _pairs([one], by_city[one.city_code]):
            shared = _smaller(one, other)
            begins_on = max(one.starts_on, other.starts_on, day)
            key = (other.cpts_id, other.cpts_name, shared.code)
            # Territories that follow each other may share the same commune: told once, at its first day.
            if key not in found or begins_on < found[key][0]:
                found[key] = (begins_on, shared)
    return _grouped(found, day)


def _pairs(mine: Collection[_Held], others: Collection[_Held]) -> Iterator[tuple[_Held, _Held]]:
    """Yield what is held by two CPTS at once, one day at least; every row is in the same city."""
    for one in mine:
        for other in others:
            if one.cpts_id != other.cpts_id and _same_place(one, other) and _same_time(one, other):
                yield one, other


def _same_place(one: _Held, other: _Held) -> bool:
    return one.code == other.code or one.code == other.city_code or other.code == one.city_code


def _same_time(one: _Held, other: _Held) -> bool:
    ends = min(one.ends_on or date.max, other.ends_on or date.max)
    return max(one.starts_on, other.starts_on) < ends


def _smaller(one: _Held, other: _Held) -> _Held:
    """Return the place both hold: the arrondissement rather than its city, else the latest figure."""
    if one.code == other.code:
        return max(one, other, key=lambda row: row.vintage)
    return other if one.code == one.city_code else one


def _grouped(found: _Found, day: date) -> list[Overlap]:
    groups: dict[tuple[int, str, date], list[SharedCommune]] = defaultdict(list)
    for (cpts_id, name, _code), (begins_on, row) in found.items():
        groups[cpts_id, name, begins_on].append(
            SharedCommune(row.code, row.city_code, row.name, row.population)
        )
    overlaps = [
        Overlap(
            cpts_id,
            name,
            tuple(sorted(communes, key=lambda commune: (fold(commune.name), commune.code))),
            begins_on=begins_on if begins_on > day else None,
        )
        for (cpts_id, name, begins_on), communes in groups.items()
    ]
    return sorted(overlaps, key=lambda each: (each.begins_on or date.min, -each.population, each.cpts_name))
