"""The list of a registry: who is looked for, and in what order. No row is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    TextChoices,
    Value,
    When,
)

from core.organisations.models import Cpts, TerritoryCommune, TerritoryVersion
from core.ui.folding import fold
from members.domain.columns import TOLD_STATES
from members.enums import HELD_STATES, MemberKind, MembershipState, Participation, Profession, StructureKind
from members.models import Member, Membership, PracticePlace
from members.models.member import MemberQuerySet

EVERY_MEMBER = "membres"
"""The status of those who are members on a day, suspended ones included."""
_PLAIN = ("kind", "profession", "doctor_kind", "exercise_mode", "structure_kind", "participation")


class MemberOrder(TextChoices):
    """In what order the list of a registry comes."""

    NAME = "nom", "Nom"
    COMMUNE = "commune", "Commune"
    PROFESSION = "profession", "Profession"
    RECENT = "recents", "Dernières inscriptions"
    NUMBER = "numero", "Numéro au registre"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who is looked for as of `day`: "" or None where anybody is.

    `status` is a MemberStatus or EVERY_MEMBER; `structure` the words or the number of a structure of the
    registry; `communes` codes of which one is theirs, `outside` codes of which none is.
    """

    day: date
    search: str = ""
    status: str = ""
    kind: str = ""
    profession: str = ""
    doctor_kind: str = ""
    exercise_mode: str = ""
    structure_kind: str = ""
    category: str = ""
    college: int | None = None
    participation: str = ""
    in_governance: bool | None = None
    has_email: bool | None = None
    structure: str = ""
    communes: frozenset[str] | None = None
    outside: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What the head of the list says of a registry, as of a day."""

    members: int
    to_decide: int
    to_confirm: int


def found(cpts: Cpts, wanted: Wanted) -> MemberQuerySet:
    """Return those of a registry who are looked for, in no order yet."""
    rows = Member.objects.filter(cpts=cpts).listed().matching(wanted.search)
    rows = rows.filter(**{name: value for name in _PLAIN if (value := getattr(wanted, name))})
    if wanted.in_governance is not None:
        rows = rows.filter(in_governance=wanted.in_governance)
    if wanted.has_email is not None:
        rows = rows.exclude(email="") if wanted.has_email else rows.filter(email="")
    rows = _of_membership(rows, wanted)
    return _of_status(_of_place(rows, cpts, wanted), wanted)


def in_order(rows: MemberQuerySet, order: MemberOrder) -> MemberQuerySet:
    """Return these in the order asked for, those who compare equal by name."""
    if order is MemberOrder.RECENT:
        return rows.order_by("-created_at", "-pk")
    if order is MemberOrder.NUMBER:
        return rows.order_by("number")
    if order is MemberOrder.COMMUNE:
        nowhere = Case(When(commune_name="", then=1), default=0, output_field=IntegerField())
        return rows.order_by(nowhere, _Folded("commune_name"), "sort_name", "pk")
    if order is MemberOrder.PROFESSION:
        return rows.order_by(_rank_of_activity(), "sort_name", "pk")
    return rows.in_order()


def counts_of(cpts: Cpts, day: date) -> Counts:
    """Return what matters first: members on a day, applications that wait, participations to confirm."""
    listed = Member.objects.filter(cpts=cpts).listed()
    periods = Membership.objects.filter(
        member__cpts=cpts, member__merged_into=None, member__anonymised_at=None
    )
    in_force = Q(state__in=HELD_STATES, starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gt=day))
    figures = periods.aggregate(
        members=Count("pk", filter=in_force),
        to_decide=Count("pk", filter=Q(state=MembershipState.APPLIED)),
    )
    return Counts(**figures, to_confirm=listed.filter(participation=Participation.TO_CONFIRM).count())


def territory_communes(cpts: Cpts, day: date) -> list[TerritoryCommune]:
    """Return the communes of a CPTS on a day, by name. One query."""
    version = TerritoryVersion.objects.in_force(day).filter(cpts=cpts)
    return sorted(TerritoryCommune.objects.filter(territory__in=version), key=lambda each: fold(each.name))


def _of_membership(rows: MemberQuerySet, wanted: Wanted) -> MemberQuerySet:
    told = {"last_membership__state__in": TOLD_STATES}
    if wanted.category:
        rows = rows.filter(last_membership__category=wanted.category, **told)
    if wanted.college is not None:
        rows = rows.filter(last_membership__college=wanted.college, **told)
    return rows


def _of_place(rows: MemberQuerySet, cpts: Cpts, wanted: Wanted) -> MemberQuerySet:
    places = PracticePlace.objects.filter(member=OuterRef("pk"), archived_at=None)
    if wanted.communes is not None:
        there = places.filter(commune_code__in=wanted.communes)
        rows = rows.filter(Q(commune_code__in=wanted.communes) | Exists(there))
    if wanted.outside is not None:
        rows = rows.exclude(commune_code__in={*wanted.outside, ""})
    if wanted.structure:
        structures = _structures(cpts, wanted.structure)
        rows = rows.filter(Exists(places.filter(structure__in=structures)))
    return rows


def _structures(cpts: Cpts, typed: str) -> MemberQuerySet:
    rows = Member.objects.filter(cpts=cpts, kind=MemberKind.LEGAL)
    if typed.isascii() and typed.isdigit() and len(typed) < 10:
        return rows.filter(number=int(typed))
    return rows.matching(typed)


def _of_status(rows: MemberQuerySet, wanted: Wanted) -> MemberQuerySet:
    if wanted.status == EVERY_MEMBER:
        return rows.filter(Exists(Membership.objects.in_force(wanted.day).filter(member=OuterRef("pk"))))
    if not wanted.status:
        return rows
    return rows.with_status(wanted.day).filter(status=wanted.status)  # type: ignore[misc]  # annotated


class _Folded(Func):
    """A name in lower case without the accents of French, so that Évreux comes before Zuydcoote."""

    output_field = CharField()
    _PLAIN_LETTERS = dict(zip("éèêëàâîïôûùüç", "eeeeaaiiouuuc", strict=True))

    def __init__(self, name: str) -> None:
        expression: Func | F = Func(F(name), function="LOWER")
        for letter, plain in self._PLAIN_LETTERS.items():
            for each in (letter, letter.upper()):
                expression = Func(expression, Value(each), Value(plain), function="REPLACE")
        super().__init__(expression, template="%(expressions)s")


def _rank_of_activity() -> Case:
    """Rank by the profession's label, then structures by their kind's, then those who say nothing."""
    ranks = [
        *_ranks("profession", Profession.choices, first=0),
        *_ranks("structure_kind", StructureKind.choices, first=len(Profession)),
    ]
    return Case(*ranks, default=len(ranks), output_field=IntegerField())


def _ranks(name: str, choices: Sequence[tuple[str, str]], *, first: int) -> list[When]:
    by_label = sorted(choices, key=lambda choice: fold(str(choice[1])))
    return [When(**{name: value}, then=rank) for rank, (value, _) in enumerate(by_label, first)]
