"""Registries at the size of the country: 300 members in each CPTS, ten thousand in the measured one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Model, OuterRef, Subquery

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
    """Write the registries: that of the first CPTS is the measured one, the others have the same members."""
    measured, copied, *others = cpts
    communes = TerritoryCommune.objects.filter(territory__cpts=measured).order_by("pk")
    places = list(communes.values_list("code", "name"))
    for each, size in ((measured, MEASURED), (copied, EACH)):
        Member.objects.bulk_create(_members(each, places, size), batch_size=_BATCH)
        rows = [_membership(member) for member in Member.objects.filter(cpts=each).order_by("number")]
        Membership.objects.bulk_create(rows, batch_size=_BATCH)
    _copy(copied, others)
    newest = Membership.objects.filter(member=OuterRef("pk")).values("pk")[:1]
    Member.objects.update(last_membership=Subquery(newest))
    _fill_the_measured_one(measured)


def _members(cpts: Cpts, communes: list[tuple[str, str]], size: int) -> Iterator[Member]:
    for number in range(1, size + 1):
        code, name = communes[number % len(communes)]
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


def _membership(member: Member) -> Membership:
    is_held = member.number % 40 != 0
    return Membership(
        member=member,
        state=MembershipState.ADMITTED if is_held else MembershipState.APPLIED,
        category=MemberCategory.ACTIVE,
        source=MembershipSource.IMPORT,
        applied_on=SINCE,
        decided_on=SINCE if is_held else None,
        decided_by=Body.BOARD if is_held else "",
        starts_on=SINCE if is_held else None,
        recorded_at=NOW,
    )


def _copy(source: Cpts, others: Sequence[Cpts]) -> None:
    """Give other CPTS the members of one, inside the base: a thousand registries in a few seconds."""
    first, last = min(each.pk for each in others), max(each.pk for each in others)
    members = (
        f"INSERT INTO members_member (cpts_id, {_columns(Member, without='cpts')})"  # noqa: S608  # our names
        f" SELECT c.id, {_columns(Member, 'm.', without='cpts')} FROM members_member m"
        " CROSS JOIN organisations_cpts c WHERE m.cpts_id = %s AND c.id BETWEEN %s AND %s"
    )
    periods = (
        f"INSERT INTO members_membership (member_id, {_columns(Membership, without='member')})"  # noqa: S608
        f" SELECT n.id, {_columns(Membership, 'p.', without='member')} FROM members_membership p"
        " JOIN members_member m ON m.id = p.member_id AND m.cpts_id = %s"
        " JOIN members_member n ON n.number = m.number AND n.cpts_id BETWEEN %s AND %s"
    )
    with connection.cursor() as cursor:
        for statement in (members, periods):
            cursor.execute(statement, [source.pk, first, last])


def _columns(model: type[Model], prefix: str = "", *, without: str) -> str:
    """Return the columns of a table, but its key and one of its relations."""
    fields = [field for field in model._meta.local_concrete_fields if field.name not in ("id", without)]
    return ", ".join(f"{prefix}{field.column}" for field in fields)


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
