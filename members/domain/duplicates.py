"""Entries of a registry that may be the same person or structure twice, and those that were told apart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.db import transaction
from django.db.models import Count, F, Window
from django.db.models.functions import Lower

from core.access.actors import Actor
from core.organisations.models import Cpts
from members.domain.members import hold_registry
from members.domain.merging import check_two
from members.domain.recording import known_as, record_member
from members.models import DistinctPair, Member

SHARED = 5
"""An address that more entries than this have is that of a house, a secretariat: it proves nothing."""
_SAME_NAME = "même nom"
_COMMUNE_UNKNOWN = "une commune n’est pas connue"
_SAME = {
    "commune_code": "même commune",
    "email": "même adresse électronique",
    "adeli": "même numéro ADELI",
    "finess": "même FINESS",
    "siret": "même SIRET",
}
_NUMBERS = ("email", "adeli", "finess", "siret")
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two entries, by their keys, the first written first; in what they look alike, in French."""

    first: int
    second: int
    reasons: tuple[str, ...]


def likenesses(cpts: Cpts) -> list[Likeness]:
    """Return the pairs of listed entries of the same kind that may be one, the surest first.

    They have a number or an address in common, or their name and commune; a commune that is not known is
    taken for any. Pairs told apart are left out. Six queries, however many entries there are. The RPPS number
    is not asked: two entries of a CPTS never have the same.
    """
    reasons: dict[Pair, list[str]] = {}
    for pair, told in _found(cpts):
        reasons.setdefault(pair, []).extend(told)
    apart = set(DistinctPair.objects.filter(first__cpts=cpts).values_list("first", "second"))
    found = [Likeness(*pair, tuple(told)) for pair, told in reasons.items() if pair not in apart]
    return sorted(found, key=lambda each: (-len(each.reasons), each.first, each.second))


def _found(cpts: Cpts) -> Iterator[tuple[Pair, list[str]]]:
    for alike in _sharing(cpts, "sort_name").values():
        for (first, here), (second, there) in combinations(alike, 2):
            if here == there or not (here and there):
                where = _SAME["commune_code"] if here and there else _COMMUNE_UNKNOWN
                yield (first, second), [_SAME_NAME, where]
    for name in _NUMBERS:
        for alike in _sharing(cpts, name).values():
            if name != "email" or len(alike) <= SHARED:
                for (first, _), (second, _) in combinations(alike, 2):
                    yield (first, second), [_SAME[name]]


def _sharing(cpts: Cpts, name: str) -> Mapping[tuple[str, str], list[tuple[int, str]]]:
    """Return the entries that have a value in common, by kind and value: key and commune of each."""
    entries = Member.objects.listed().filter(cpts=cpts).exclude(**{name: ""}).annotate(value=Lower(name))
    several = Window(Count("pk"), partition_by=[F("kind"), F("value")])
    rows = entries.annotate(several=several).filter(several__gt=1).order_by("pk")
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for pk, kind, value, commune in rows.values_list("pk", "kind", "value", "commune_code"):
        found.setdefault((kind, value), []).append((pk, commune))
    return found


@transaction.atomic
def tell_apart(first: Member, second: Member, *, by: Actor, now: datetime) -> bool:
    """Remember that two entries of a CPTS are not the same, and return whether that was news.

    Raises ValidationError for an entry and itself, or one of another CPTS.
    """
    check_two(first, second)
    hold_registry(first.cpts)
    low, high = sorted((first, second), key=lambda each: each.pk)
    _, is_new = DistinctPair.objects.get_or_create(first=low, second=high, defaults={"told_at": now})
    if is_new:
        record_member("told_apart", low, by=by, now=now, changes={"distinct_from": [None, known_as(high)]})
    return is_new


def entries_by_key(cpts: Cpts, keys: Iterable[int]) -> dict[int, Member]:
    """Return these entries of a CPTS by key. One query."""
    return Member.objects.filter(cpts=cpts).select_related("cpts").in_bulk(list(keys))
