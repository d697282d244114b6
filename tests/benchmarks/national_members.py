"""Registries at the size of the country: 300 members in each CPTS, ten thousand in the measured one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice

from django.db.models import OuterRef, Subquery

from core.organisations.models import Cpts, TerritoryCommune
from members.domain.names import fold_names
from members.enums import (
    Body,
    MemberCategory,
    MemberKind,
    MembershipSource,
    MembershipState,
    Participation,
    StructureKind,
)
from members.models import Member, Membership, PracticePlace, VotingCollege

EACH, MEASURED = 300, 10_000
STRUCTURES = 20
"""How many of the members of a CPTS are structures: every other one practises in one of them."""
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SINCE = date(2024, 1, 15)
_BATCH = 2000
_PROFESSIONS = ("10", "21", "40", "50", "60", "60", "60", "70", "70", "80", "91", "93")
_LAST_NAMES = ("Lefèvre", "Étienne", "Moreau", "Garçon", "Le Goff", "Dubois", "Haÿ", "Noël", "Roux", "Bœuf")
_FIRST_NAMES = ("Camille", "Zoé", "Loïc", "Maëlle", "Émile", "Sacha", "Anaïs", "Gaël")


def fill_registries(cpts: Sequence[Cpts]) -> None:
    """Write the registries: the first CPTS is the measured one."""
    places = _communes(cpts)
    rows = (
        member
        for rank, each in enumerate(cpts)
        for member in _members(each, places.get(each.pk, []), EACH if rank else MEASURED)
    )
    while batch := list(islice(rows, _BATCH)):
        _write(batch)
    newest = Membership.objects.filter(member=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    Member.objects.update(last_membership=Subquery(newest))
    _fill_the_measured_one(cpts[0])


def _communes(cpts: Sequence[Cpts]) -> dict[int, list[tuple[str, str]]]:
    held: dict[int, list[tuple[str, str]]] = {}
    rows = TerritoryCommune.objects.filter(territory__cpts__in=[each.pk for each in cpts])
    for cpts_id, code, name in rows.order_by("pk").values_list("territory__cpts", "code", "name"):
        held.setdefault(cpts_id, []).append((code, name))
    return held


def _members(cpts: Cpts, communes: list[tuple[str, str]], size: int) -> Iterator[Member]:
    for number in range(1, size + 1):
        code, name = communes[number % len(communes)] if communes else ("", "")
        is_structure = number <= STRUCTURES
        member = Member(
            cpts=cpts,
            number=number,
            kind=MemberKind.LEGAL if is_structure else MemberKind.NATURAL,
            last_name=f"Centre d’essai {number}" if is_structure else _of(_LAST_NAMES, number, number // 80),
            first_name="" if is_structure else _of(_FIRST_NAMES, number // 10),
            profession="" if is_structure else _of(_PROFESSIONS, number),
            structure_kind=StructureKind.HEALTH_CENTRE if is_structure else "",
            commune_code=code,
            commune_name=name,
            email="" if number % 7 == 0 else f"membre-{number}@example.org",
            phone="+33233500000",
            participation=Participation.TO_CONFIRM if number % 9 == 0 else Participation.CERTAIN,
            in_governance=number % 50 == 0,
            created_at=NOW,
        )
        yield fold_names(member)


def _of(values: Sequence[str], rank: int, suffix: int | None = None) -> str:
    value = values[rank % len(values)]
    return value if suffix is None else f"{value} {suffix}"


def _write(members: list[Member]) -> None:
    Member.objects.bulk_create(members, batch_size=_BATCH)
    Membership.objects.bulk_create([_membership(member) for member in members], batch_size=_BATCH)


def _membership(member: Member) -> Membership:
    state = MembershipState.APPLIED if member.number % 40 == 0 else MembershipState.ADMITTED
    is_held = state == MembershipState.ADMITTED
    return Membership(
        member=member,
        state=state,
        category=MemberCategory.ACTIVE,
        source=MembershipSource.IMPORT,
        applied_on=SINCE,
        decided_on=SINCE if is_held else None,
        decided_by=Body.BOARD if is_held else "",
        starts_on=SINCE if is_held else None,
        recorded_at=NOW,
    )


def _fill_the_measured_one(cpts: Cpts) -> None:
    """Give the measured registry its colleges, and everybody in it somewhere to practise."""
    VotingCollege.objects.bulk_create(
        [VotingCollege(cpts=cpts, name=f"Collège {rank}", position=rank) for rank in (1, 2, 3)]
    )
    members = Member.objects.filter(cpts=cpts).order_by("number")
    structures = list(members[:STRUCTURES])
    people = members.filter(kind=MemberKind.NATURAL)
    PracticePlace.objects.bulk_create(
        [_place(member, structures[member.number % STRUCTURES]) for member in people], batch_size=_BATCH
    )


def _place(member: Member, structure: Member) -> PracticePlace:
    return PracticePlace(
        member=member,
        structure=structure if member.number % 2 else None,
        address="" if member.number % 2 else "1 rue de l’Essai",
        commune_code=member.commune_code,
        commune_name=member.commune_name,
        is_main=True,
    )
