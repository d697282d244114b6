"""The life of a registry, told day by day by the product's own verbs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from core.access.actors import Actor
from core.accounts.models import User
from core.organisations.models import Cpts
from cpts.demonstration.registry_story import STRUCTURES, MemberStory, StructureStory, people
from cpts.demonstration.story import at
from members.domain.colleges import add_college
from members.domain.fee_calls import call_member, candidates
from members.domain.fee_payments import record_payment
from members.domain.fee_scales import set_scale
from members.domain.members import PlaceValues, add_member
from members.domain.memberships import apply_for_membership, end_membership, record_membership
from members.domain.own_space import tie_account
from members.domain.periods import PeriodValues
from members.domain.representatives import RepresentativeValues, change_representative
from members.domain.statutes import Seats, last_recorded, record_statutes
from members.domain.statutes_settings import SETTINGS
from members.domain.suspensions import suspend
from members.enums import (
    Body,
    EndGround,
    MemberCategory,
    MemberKind,
    MembershipSource,
    NoticeState,
    Participation,
    PaymentMeans,
    StructureKind,
)
from members.models import FeeCall, FeeNotice, Member, Membership, StatutesVersion, VotingCollege

_STRUCTURES_SINCE = date(2021, 10, 4)
_JOINED = date(2021, 11, 8), date(2026, 9, 14)
_APPLIED = date(2026, 11, 2), date(2026, 11, 12), date(2026, 11, 18)
_ENDS: Mapping[int, tuple[str, date]] = {
    4: (EndGround.RESIGNATION, date(2024, 6, 30)),
    19: (EndGround.RESIGNATION, date(2025, 9, 1)),
    31: (EndGround.RESIGNATION, date(2025, 12, 31)),
    58: (EndGround.DEATH, date(2026, 2, 11)),
    77: (EndGround.RESIGNATION, date(2026, 8, 31)),
}
"""Who left, by rank, why and when."""
_SUSPENDED_RANK, _SUSPENDED_ON = 44, date(2026, 7, 1)
_TIED_RANK, _TIED_ON, _TIED_EMAIL = 21, date(2026, 1, 12), "adherent@demo.test"
"""Whose space the account of a member of the demonstration opens."""
_HONORARY_RANKS = frozenset({2, 9})
_FEES: Mapping[int, tuple[Decimal, Decimal]] = {
    2024: (Decimal(20), Decimal(50)),
    2025: (Decimal(20), Decimal(60)),
    2026: (Decimal(25), Decimal(60)),
}
"""What a person and a structure pay, in euros, by year."""
_PARTS = 8
"""In how many days of payments the fees of a year come in."""
_COLLEGES = "Professionnels libéraux", "Structures", "Usagers et partenaires"
_SEATS = 7, 4, 1
_FOUNDED, _CHANGED, _ADOPTED = date(2021, 9, 20), date(2025, 4, 1), date(2025, 3, 20)
_PURPOSE = (
    "Améliorer l’accès aux soins des habitants du territoire\n"
    "Organiser les parcours entre la ville, l’hôpital et le médico-social\n"
    "Mener des actions de prévention\n"
    "Répondre ensemble aux crises sanitaires"
)
_PARTNERS = frozenset({StructureKind.USERS_ASSOCIATION, StructureKind.SOCIAL_SERVICE, StructureKind.DAC})
_LATE, _HALF = 7, 29
"""Of the last year, one call in so many is not paid, or half of it."""

Act = Callable[[], None]


@dataclass
class Registry:
    """What has been written so far: structures and people by their rank."""

    cpts: Cpts
    communes: list[tuple[str, str]]
    structures: list[Member] = field(default_factory=list)
    people: dict[int, Member] = field(default_factory=dict)
    colleges: list[VotingCollege] = field(default_factory=list)


def registry_life(cpts: Cpts, *, coordinator: Actor, treasurer: Actor, now: datetime) -> Iterator[date]:
    """Yield the day of each act of the registry's life, up to `now`: asked for the next, it is done."""
    communes = cpts.territories.in_force(now.date()).get().communes.order_by("-population", "code")
    registry = Registry(cpts, list(communes.values_list("code", "name")))
    acts = [
        *_statutes(registry, by=coordinator),
        *_memberships(registry, by=coordinator),
        *_fees(registry, by=treasurer),
    ]
    for day, act in sorted(acts, key=lambda each: each[0]):
        if day <= now.date():
            yield day
            act()


def _statutes(registry: Registry, *, by: Actor) -> Iterator[tuple[date, Act]]:
    yield _FOUNDED, partial(_found, registry, by=by)
    yield _CHANGED, partial(_change_statutes, registry, by=by)


def _found(registry: Registry, *, by: Actor) -> None:
    """Nine seats, no quorum: what a few founders write; the colleges gather members, without seats."""
    now = at(_FOUNDED)
    registry.colleges = [add_college(registry.cpts, name, by=by, now=now) for name in _COLLEGES]
    values = {"purpose": _PURPOSE, "ordinary_month": 3, "board_seats": 9}
    _record_statutes(registry, values, _FOUNDED, _FOUNDED, {}, by=by)


def _change_statutes(registry: Registry, *, by: Actor) -> None:
    """Seats by college, a quorum, two thirds to change the statutes, mandates of three years."""
    values = {
        "purpose": _PURPOSE,
        "ordinary_month": 3,
        "board_seats": sum(_SEATS),
        "board_term_years": 3,
        "board_renewal_fractions": 3,
        "board_meeting_months": 3,
        "ordinary_quorum": Decimal("0.25"),
        "extraordinary_quorum": Decimal("0.333"),
        "extraordinary_majority": Decimal("0.667"),
        "allows_indemnities": True,
    }
    seats = {college.pk: count for college, count in zip(registry.colleges, _SEATS, strict=True)}
    _record_statutes(registry, values, _CHANGED, _ADOPTED, seats, by=by)


def _record_statutes(
    registry: Registry,
    values: dict[str, Any],
    starts_on: date,
    adopted_on: date,
    seats: Seats,
    *,
    by: Actor,
) -> None:
    defaults = {name: getattr(StatutesVersion(), name) for name in SETTINGS}
    record_statutes(
        registry.cpts,
        defaults | values,
        starts_on=starts_on,
        adopted_on=adopted_on,
        seats=seats,
        seen=last_recorded(registry.cpts.pk),
        by=by,
        now=at(starts_on),
    )


def _memberships(registry: Registry, *, by: Actor) -> Iterator[tuple[date, Act]]:
    for rank, structure in enumerate(STRUCTURES):
        day = _STRUCTURES_SINCE + timedelta(days=rank)
        yield day, partial(_join_structure, registry, structure, day, by=by)
    for story in people(*_JOINED):
        yield story.joined_on, partial(_join, registry, story, by=by)
    for story, day in zip(people(date(2026, 1, 1), date(2026, 12, 31)), _APPLIED, strict=False):
        yield day, partial(_apply, registry, story, day, by=by)
    for rank, (ground, day) in _ENDS.items():
        yield day, partial(_end, registry, rank, ground, day, by=by)
    yield _SUSPENDED_ON, partial(_suspend, registry, by=by)
    yield _TIED_ON, partial(_tie, registry, by=by)


def _join_structure(registry: Registry, story: StructureStory, day: date, *, by: Actor) -> None:
    code, name = registry.communes[story.commune_rank]
    values = {
        "kind": MemberKind.LEGAL,
        "last_name": story.name,
        "structure_kind": story.kind,
        "address": "1 rue de l’Exemple",
        "commune_code": code,
        "commune_name": name,
        "email": f"structure-{len(registry.structures) + 1}@demo.test",
        "in_governance": story.commune_rank == 0,
    }
    member = add_member(registry.cpts, values, by=by, now=at(day))
    representative = RepresentativeValues(name=f"Direction de {story.name}", capacity="direction")
    change_representative(member, representative, starts_on=day, seen=None, by=by, now=at(day))
    rank = 2 if story.kind in _PARTNERS else 1
    _admit(member, day, MemberCategory.ACTIVE, registry.colleges[rank], by=by)
    registry.structures.append(member)


def _join(registry: Registry, story: MemberStory, *, by: Actor) -> None:
    member = _written(registry, story, by=by, now=at(story.joined_on))
    category = MemberCategory.HONORARY if story.rank in _HONORARY_RANKS else MemberCategory.ACTIVE
    _admit(member, story.joined_on, category, registry.colleges[0], by=by)
    registry.people[story.rank] = member


def _apply(registry: Registry, story: MemberStory, day: date, *, by: Actor) -> None:
    stranger = MemberStory(
        rank=story.rank + 900,
        first_name=story.last_name.removeprefix("d’").removeprefix("Le "),
        last_name="Exemple-Candidat",
        profession=story.profession,
        joined_on=day,
        structure_rank=None,
        commune_rank=story.commune_rank,
    )
    member = _written(registry, stranger, by=by, now=at(day))
    apply_for_membership(
        member,
        applied_on=day,
        source=MembershipSource.FORM,
        statutes_accepted_at=at(day),
        by=by,
        now=at(day),
    )


def _written(registry: Registry, story: MemberStory, *, by: Actor, now: datetime) -> Member:
    values = {
        "kind": MemberKind.NATURAL,
        "last_name": story.last_name,
        "first_name": story.first_name,
        "profession": story.profession,
        "doctor_kind": story.doctor_kind,
        "speciality": story.speciality,
        "exercise_mode": story.exercise_mode,
        "rpps": story.rpps,
        "email": story.email,
        "participation": Participation.TO_CONFIRM if story.is_to_confirm else Participation.CERTAIN,
        "in_governance": story.rank % 12 == 1,
    }
    return add_member(registry.cpts, values, places=[_place(registry, story)], by=by, now=now)


def _place(registry: Registry, story: MemberStory) -> PlaceValues:
    if story.structure_rank is not None:
        return PlaceValues(structure=registry.structures[story.structure_rank])
    code, name = registry.communes[story.commune_rank]
    return PlaceValues(address="2 place de l’Exemple", commune_code=code, commune_name=name)


def _admit(member: Member, day: date, category: MemberCategory, college: VotingCollege, *, by: Actor) -> None:
    values = PeriodValues(starts_on=day, category=category, college=college)
    record_membership(member, values, source=MembershipSource.COORDINATION, by=by, now=at(day))


def _period(registry: Registry, rank: int) -> Membership:
    return Membership.objects.select_related("member__cpts").get(member=registry.people[rank])


def _end(registry: Registry, rank: int, ground: str, day: date, *, by: Actor) -> None:
    end_membership(_period(registry, rank), ground, day, by=by, now=at(day))


def _suspend(registry: Registry, *, by: Actor) -> None:
    reason = "Congé d’un an, à sa demande (démonstration)"
    suspend(_period(registry, _SUSPENDED_RANK), _SUSPENDED_ON, reason, by=by, now=at(_SUSPENDED_ON))


def _tie(registry: Registry, *, by: Actor) -> None:
    if user := User.objects.at_address(_TIED_EMAIL):
        tie_account(registry.people[_TIED_RANK], user, by=by, now=at(_TIED_ON))


def _fees(registry: Registry, *, by: Actor) -> Iterator[tuple[date, Act]]:
    for year in _FEES:
        yield date(year, 3, 20), partial(_set_scales, registry, year, by=by)
        called_on = date(year, 4, 2)
        yield called_on, partial(_call, registry, year, called_on, by=by)
        for part in range(_PARTS):
            day = called_on + timedelta(days=10 * (part + 1))
            yield day, partial(_receive, registry, year, part, day, by=by)


def _set_scales(registry: Registry, year: int, *, by: Actor) -> None:
    decided_on = date(year, 3, 20)
    for kind, amount in zip(MemberKind, _FEES[year], strict=True):
        values = {
            "year": year,
            "category": MemberCategory.ACTIVE,
            "kind": kind,
            "college": None,
            "amount": amount,
            "entry_fee": Decimal(0),
            "due_on": date(year, 6, 30),
            "decided_on": decided_on,
            "decided_by": Body.GENERAL_ASSEMBLY,
            "decision_reference": f"Assemblée générale du 20 mars {year}, résolution 4 (démonstration)",
        }
        set_scale(registry.cpts, values, by=by, now=at(decided_on))


def _call(registry: Registry, year: int, day: date, *, by: Actor) -> None:
    for candidate in candidates(registry.cpts, year, day=day):
        if candidate.asked:
            candidate.member.cpts = registry.cpts
            call_member(candidate.member, year, by=by, now=at(day))
    # What was told in the past has left: the demonstration writes to nobody.
    waiting = FeeNotice.objects.filter(call__cpts=registry.cpts, state=NoticeState.WAITING)
    waiting.update(state=NoticeState.SENT, attempts=1, tried_at=at(day), sent_at=at(day))


def _receive(registry: Registry, year: int, part: int, day: date, *, by: Actor) -> None:
    """A part of what was called comes in; in the last year some pay half of it, and some nothing yet."""
    calls = FeeCall.objects.standing().filter(cpts=registry.cpts, year=year).select_related("cpts", "member")
    for call in calls.order_by("number"):
        is_late, is_half = (year == max(_FEES) and call.number % each == 0 for each in (_LATE, _HALF))
        if call.number % _PARTS == part and not is_late:
            amount = call.amount / 2 if is_half else call.amount
            means = (PaymentMeans.TRANSFER, PaymentMeans.PLATFORM, PaymentMeans.CHEQUE)[call.number % 3]
            record_payment(call, amount, day, means, by=by, now=at(day))
