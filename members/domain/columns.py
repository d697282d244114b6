"""The columns of a file of members: what an export writes, an import reads back, a list may show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from core.organisations.domain.phones import phone_text
from core.spreadsheets.writing import Kind, Value
from members.enums import HELD_STATES, OPEN_STATES, MemberStatus
from members.models import Member, Membership, PracticePlace
from members.models.member import MemberQuerySet

TOLD_STATES = OPEN_STATES | HELD_STATES
"""States of a period whose category, college and dates are told: asked for, or held."""
# Reading for nothing what no column shows is what costs most, over thousands of rows.
_UNSHOWN = (
    "notes", "search_text", "shown_to_members", "shown_to_public", "last_membership__source",
    "last_membership__applied_on", "last_membership__statutes_accepted_at", "last_membership__decided_on",
    "last_membership__decided_by", "last_membership__decision_note", "last_membership__end_ground",
    "last_membership__end_note", "last_membership__recorded_at", "last_membership__typed",
    "last_membership__college__archived_at",
)  # fmt: skip
_OF_PLACE = ("member", "structure", "label", "address", "postal_code")


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """One column: its name in addresses and files' mappings, its French header, a member's value in it.

    `shown` takes a member that `for_columns` loaded and gives text ("" for none), a whole number or a date.
    `is_read_back` is False for what an import leaves alone, being worked out from other things.
    """

    name: str
    label: str
    shown: Callable[[Member], Value]
    kind: Kind = "text"
    width: int = 16
    is_read_back: bool = True


def for_columns(members: MemberQuerySet, day: date) -> MemberQuerySet:
    """Return these members with all that columns show, status on `day`: three queries however many."""
    structures = Member.objects.only("kind", "number", "last_name", "first_name")
    main_places = PracticePlace.objects.filter(is_main=True, archived_at=None).only(*_OF_PLACE)
    # Many practise in few structures: each is read once.
    main_places = main_places.prefetch_related(Prefetch("structure", structures))
    return (
        members.with_status(day)
        .select_related("last_membership__college")
        .defer(*_UNSHOWN)
        .prefetch_related(Prefetch("places", main_places, to_attr="main_places"))
    )


def main_place_of(member: Member) -> PracticePlace | None:
    """Return where a person practises first, loaded by `for_columns`; None for a structure."""
    places: list[PracticePlace] = member.main_places  # type: ignore[attr-defined]  # see `for_columns`
    return places[0] if places else None


def status_of(member: Member) -> MemberStatus:
    """Return the status that `with_status` read."""
    return MemberStatus(member.status)  # type: ignore[attr-defined]  # annotated


def told_membership(member: Member) -> Membership | None:
    """Return the period whose category, college and dates are told: an application, or one that was held."""
    last = member.last_membership
    return last if last is not None and last.state in TOLD_STATES else None


def _address(member: Member) -> str:
    return member.address if not member.is_person else _of_place(member, "address")


def _postal_code(member: Member) -> str:
    return member.postal_code if not member.is_person else _of_place(member, "postal_code")


def _of_place(member: Member, name: str) -> str:
    place = main_place_of(member)
    return getattr(place, name) if place else ""


def _structure(member: Member) -> str:
    """The name of the structure of the main place, else what the place is called."""
    place = main_place_of(member)
    if place is None:
        return ""
    return place.structure.name if place.structure else place.label


def _structure_number(member: Member) -> int | None:
    place = main_place_of(member)
    return place.structure.number if place and place.structure else None


def _category(member: Member) -> str:
    membership = told_membership(member)
    return membership.get_category_display() if membership else ""


def _college(member: Member) -> str:
    membership = told_membership(member)
    return membership.college.name if membership and membership.college else ""


def _starts_on(member: Member) -> date | None:
    membership = told_membership(member)
    return membership.starts_on if membership else None


def _ends_on(member: Member) -> date | None:
    membership = told_membership(member)
    return membership.ends_on if membership else None


def _label(name: str) -> Callable[[Member], str]:
    """Return what gives the label of a choice: `get_…_display` goes through every choice each time."""
    choices = Member._meta.get_field(name).flatchoices  # type: ignore[union-attr]  # a column, no relation
    labels = {str(value): str(label) for value, label in choices}
    return lambda member: labels.get(getattr(member, name), "")


_ALL = (
    MemberColumn("number", "Numéro au registre", lambda member: member.number, kind="integer", width=10),
    MemberColumn("kind", "Personne", _label("kind"), width=18),
    MemberColumn("last_name", "Nom ou raison sociale", lambda member: member.last_name, width=28),
    MemberColumn("first_name", "Prénom", lambda member: member.first_name),
    MemberColumn("profession", "Profession", _label("profession"), width=24),
    MemberColumn("doctor_kind", "Médecine", _label("doctor_kind"), width=18),
    MemberColumn("speciality", "Spécialité ou qualification", lambda member: member.speciality, width=22),
    MemberColumn("exercise_mode", "Mode d’exercice", _label("exercise_mode")),
    MemberColumn("rpps", "Numéro RPPS", lambda member: member.rpps, width=14),
    MemberColumn("adeli", "Ancien numéro ADELI", lambda member: member.adeli, width=14),
    MemberColumn("structure_kind", "Nature de structure", _label("structure_kind"), width=24),
    MemberColumn("finess", "FINESS", lambda member: member.finess, width=12),
    MemberColumn("siret", "SIRET", lambda member: member.siret),
    MemberColumn("email", "Adresse électronique", lambda member: member.email, width=30),
    MemberColumn("phone", "Téléphone", lambda member: phone_text(member.phone)),
    MemberColumn("address", "Adresse", _address, width=32),
    MemberColumn("postal_code", "Code postal", _postal_code, width=10),
    MemberColumn("commune_code", "Code INSEE de la commune", lambda member: member.commune_code, width=12),
    MemberColumn("commune_name", "Commune", lambda member: member.commune_name, width=22),
    MemberColumn("structure", "Structure d’exercice", _structure, width=30),
    MemberColumn(
        "structure_number", "Numéro de la structure d’exercice", _structure_number, kind="integer", width=14
    ),
    MemberColumn("participation", "Participation", _label("participation"), width=14),
    MemberColumn(
        "in_governance",
        "Participe à la gouvernance",
        lambda member: "oui" if member.in_governance else "non",
        width=14,
    ),
    MemberColumn("category", "Catégorie", _category, width=18),
    MemberColumn("college", "Collège", _college, width=24),
    MemberColumn("starts_on", "Membre depuis le", _starts_on, kind="date", width=14),
    MemberColumn("ends_on", "Fin d’adhésion", _ends_on, kind="date", width=14, is_read_back=False),
    MemberColumn("status", "Situation", lambda member: status_of(member).label, width=18, is_read_back=False),
)
COLUMNS: Mapping[str, MemberColumn] = {column.name: column for column in _ALL}
"""Every column by its name, in the order of a complete file."""
