"""The registry: writing somebody in it, correcting what it says, with where they practise."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Prefetch, QuerySet

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, snapshot
from core.organisations.domain.identifiers import clean_finess, clean_siret
from core.organisations.models import Cpts
from members.domain.identifiers import clean_adeli, clean_rpps
from members.domain.names import fold_names
from members.domain.recording import record_member
from members.enums import MemberKind, Profession
from members.models import Member, PracticePlace

COMMON_FIELDS = (
    "last_name", "commune_code", "commune_name", "email", "phone", "participation", "in_governance", "notes",
)  # fmt: skip
NATURAL_FIELDS = (
    "first_name", "profession", "doctor_kind", "speciality", "exercise_mode", "rpps", "adeli",
)  # fmt: skip
LEGAL_FIELDS = ("structure_kind", "finess", "siret", "address", "postal_code")
MEMBER_FIELDS = ("kind", *COMMON_FIELDS, *NATURAL_FIELDS, *LEGAL_FIELDS)
"""What `add_member` and `update_member` may write; `kind` is written once."""
PLACE_FIELDS = ("structure", "label", "address", "postal_code", "commune_code", "commune_name")
_WRITTEN = (*MEMBER_FIELDS, "search_text", "sort_name", "revision")
# What people who practise in a structure are found by.
COPIED_TO_PEOPLE = {"last_name", "commune_code", "commune_name"}
_CLEANERS: dict[str, Callable[[str], str]] = {
    "rpps": clean_rpps,
    "adeli": clean_adeli,
    "finess": clean_finess,
    "siret": clean_siret,
    "notes": str.strip,
}
_LEFT = "Cette inscription a été fusionnée ou anonymisée entre-temps\u00a0: elle ne se modifie plus."
_RPPS_TAKEN = "Ce numéro RPPS est déjà celui de {name}, numéro {number} au registre."


@dataclass(frozen=True, slots=True)
class PlaceValues:
    """A place as it is typed: in a structure of the registry, at an address, or both."""

    structure: Member | None = None
    label: str = ""
    address: str = ""
    postal_code: str = ""
    commune_code: str = ""
    commune_name: str = ""


@transaction.atomic
def add_member(
    cpts: Cpts,
    values: Mapping[str, Any],
    *,
    places: Sequence[PlaceValues] = (),
    by: Actor,
    now: datetime,
    note: str = "",
) -> Member:
    """Write somebody in the registry of a CPTS under the next number, and return their row.

    In: values among MEMBER_FIELDS, numbers as typed; where a person practises, the main place first; `note`
    a French sentence for the journal. Raises ValidationError by field.
    """
    hold_registry(cpts)
    member = filled(Member(cpts=cpts, number=next_number(cpts), created_at=now), values)
    take_main_place(member, places)
    fold_names(member, names_of(places))
    check_member(member)
    member.save(force_insert=True)
    PracticePlace.objects.bulk_create(place_rows(member, places))
    changes = created(snapshot(member, MEMBER_FIELDS))
    if places:
        changes |= {"places": [None, places_told(places)]}
    record_member("member_added", member, by=by, now=now, changes=changes, note=note)
    return member


@transaction.atomic
def update_member(
    member: Member,
    values: Mapping[str, Any],
    *,
    places: Sequence[PlaceValues] | None = None,
    revision: int,
    by: Actor,
    now: datetime,
    note: str = "",
) -> Member:
    """Correct what the registry says of somebody, and return their row as it now is.

    In: values among MEMBER_FIELDS but `kind`; the places as they now are, None leaving them as they were;
    the revision they were filled in on. What is already there writes nothing. Raises StaleError when
    somebody else wrote meanwhile, ValidationError by field.
    """
    hold_registry(member.cpts)
    locked = Member.objects.select_for_update(of=("self",)).select_related("cpts").get(pk=member.pk)
    before, former = snapshot(locked, MEMBER_FIELDS), places_of(locked)
    wanted = former if places is None else list(places)
    filled(locked, values)
    take_main_place(locked, wanted)
    changes = changed(before, snapshot(locked, MEMBER_FIELDS))
    if not changes and wanted == former:
        return locked
    if locked.merged_into_id or locked.anonymised_at:
        raise ValidationError(_LEFT)
    if locked.revision != revision:
        raise StaleError
    fold_names(locked, names_of(wanted))
    check_member(locked)
    locked.revision += 1
    locked.save(update_fields=_WRITTEN)
    if changes.keys() & COPIED_TO_PEOPLE:
        copy_to_people(locked)
    if wanted != former:
        _replace_places(locked, wanted, now=now)
        changes |= {"places": [places_told(former), places_told(wanted)]}
    record_member("member_updated", locked, by=by, now=now, changes=changes, note=note)
    return locked


def hold_registry(cpts: Cpts) -> None:
    """Make other writers of a registry wait for the end of the transaction: numbers follow each other."""
    Cpts.objects.select_for_update(no_key=True).filter(pk=cpts.pk).first()


def next_number(cpts: Cpts) -> int:
    """Return the number of the next entry; whoever asks holds the registry."""
    return (Member.objects.filter(cpts=cpts).aggregate(last=Max("number"))["last"] or 0) + 1


def filled(member: Member, values: Mapping[str, Any]) -> Member:
    """Set the values on a row, cleaned, and return it; nothing is saved. Raises ValidationError by field."""
    if unknown := values.keys() - set(MEMBER_FIELDS):
        raise ValueError(f"Not fields of a member: {', '.join(sorted(unknown))}")
    errors: dict[str, Any] = {}
    for name, value in values.items():
        try:
            setattr(member, name, _cleaned(name, value))
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    # Only doctors have one: it does not outlive the profession.
    if member.profession != Profession.DOCTOR:
        member.doctor_kind = ""
    return member


def check_member(member: Member) -> None:
    """Raise ValidationError by field for what the registry cannot hold, another one's RPPS included."""
    if member.rpps and (twin := _of_same_rpps(member)):
        raise ValidationError(_missing(member) | {"rpps": rpps_taken(twin)})
    check_fields(member)


def check_fields(member: Member, *, but: Collection[str] = ()) -> None:
    """Raise ValidationError by field for what no registry can hold. No query is made.

    `but`: fields that are known to be right.
    """
    if errors := _missing(member):
        raise ValidationError(errors)
    member.clean_fields(exclude={"cpts", "user", "last_membership", "merged_into", *but})


def rpps_taken(holder: Member) -> str:
    """Return in French why somebody cannot have the RPPS number of `holder`."""
    return _RPPS_TAKEN.format(name=holder.name, number=holder.number)


def places_of(member: Member) -> list[PlaceValues]:
    """Return where a person practises, the main place first. One query."""
    return [place_values(row) for row in _current(member.places)]


def names_of(places: Sequence[PlaceValues]) -> list[str]:
    """Return the names by which places are looked for: structures, communes."""
    return [
        name
        for place in places
        for name in (place.structure.name if place.structure else "", place.label, place.commune_name)
        if name
    ]


def take_main_place(member: Member, places: Sequence[PlaceValues]) -> None:
    """Copy the commune of a person's main place on their row; a structure has its own, typed in its sheet."""
    if member.kind != MemberKind.NATURAL or not places:
        return
    main = places[0]
    source = main if main.commune_code or not main.structure else main.structure
    member.commune_code, member.commune_name = source.commune_code, source.commune_name


def _cleaned(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _CLEANERS.get(name, one_line)(value)


def one_line(typed: str) -> str:
    """Return what was typed without the blanks around it, nor more than one between two words."""
    return " ".join(typed.split())


def _missing(member: Member) -> dict[str, Any]:
    """What each kind of person must have, said beside its field."""
    if member.kind == MemberKind.NATURAL and not member.first_name:
        return {"first_name": "Donnez le prénom."}
    if member.kind == MemberKind.LEGAL and not member.structure_kind:
        return {"structure_kind": "Choisissez la nature de la structure."}
    return {}


def _of_same_rpps(member: Member) -> Member | None:
    same = Member.objects.filter(cpts=member.cpts_id, rpps=member.rpps, merged_into=None)
    return same.exclude(pk=member.pk).first()


def place_rows(member: Member, places: Sequence[PlaceValues]) -> list[PracticePlace]:
    """Return the rows of places, not saved, the first one as the main one."""
    return [
        PracticePlace(
            member=member, is_main=rank == 0, **{name: getattr(place, name) for name in PLACE_FIELDS}
        )
        for rank, place in enumerate(places)
    ]


def _replace_places(member: Member, places: Sequence[PlaceValues], *, now: datetime) -> None:
    """Leave the former places, which stay readable, for these."""
    member.places.filter(archived_at=None).update(archived_at=now)
    PracticePlace.objects.bulk_create(place_rows(member, places))


def copy_to_people(structure: Member) -> None:
    """Let people be found by the name and the commune that their structure has now."""
    there = PracticePlace.objects.filter(structure=structure.pk, archived_at=None).values("member")
    rows = _current(PracticePlace.objects)
    people = Member.objects.filter(pk__in=there).prefetch_related(Prefetch("places", rows, to_attr="current"))
    for person in people:
        places = [place_values(row) for row in person.current]
        take_main_place(person, places)
        fold_names(person, names_of(places))
    Member.objects.bulk_update(people, ["commune_code", "commune_name", "search_text"], batch_size=200)


def _current(places: Any) -> QuerySet[PracticePlace]:
    """Places that nobody left, the main one first."""
    return places.filter(archived_at=None).select_related("structure").order_by("-is_main", "pk")


def place_values(row: PracticePlace) -> PlaceValues:
    """Return a place as it is typed."""
    return PlaceValues(**{name: getattr(row, name) for name in PLACE_FIELDS})


def places_told(places: Sequence[PlaceValues]) -> list[str]:
    """Return places as the journal tells them."""
    return [", ".join(dict.fromkeys([*names_of([place]), place.address])).strip(", ") for place in places]
