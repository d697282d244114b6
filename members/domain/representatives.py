"""Who speaks for a structure, from a day on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.ui.formatting import long_date
from members.domain.members import hold_registry, one_line
from members.domain.recording import record_member
from members.enums import MemberKind
from members.models import Member, Representative

_EARLIEST = date(1900, 1, 1)
_FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class RepresentativeValues:
    """A representative as typed: somebody of the registry, or a name."""

    person: Member | None = None
    name: str = ""
    capacity: str = ""
    email: str = ""


@transaction.atomic
def change_representative(
    structure: Member,
    values: RepresentativeValues,
    *,
    starts_on: date,
    seen: int | None,
    by: Actor,
    now: datetime,
) -> Representative:
    """Give a structure its representative from `starts_on`, the former one's period ending that day.

    In: `seen`, the row of the representative it has when this was decided, None for none. A change made on
    the very day the former one began leaves them an empty period. The same change twice is made once. Raises
    StaleError when somebody else changed it meanwhile, ValidationError by field.
    """
    hold_registry(structure.cpts)
    locked = Member.objects.select_for_update(of=("self",)).select_related("cpts").get(pk=structure.pk)
    former = locked.representatives.filter(ends_on=None).first()
    wanted = _filled(locked, values, starts_on)
    if former is not None and _says(former) == _says(wanted):
        return former
    if seen != (former.pk if former else None):
        raise StaleError
    _check(wanted, former, values.person, today=localdate(now))
    if former is not None:
        former.ends_on = starts_on
        former.save(update_fields=["ends_on"])
    wanted.save(force_insert=True)
    changes = {
        "representative": [str(former) if former else None, str(wanted)],
        "representative_since": [None, long_date(starts_on)],
    }
    record_member("representative_changed", locked, by=by, now=now, changes=changes)
    return wanted


def _filled(structure: Member, values: RepresentativeValues, starts_on: date) -> Representative:
    return Representative(
        structure=structure,
        person=values.person,
        name=values.person.name if values.person else one_line(values.name),
        capacity=one_line(values.capacity),
        email=values.email,
        starts_on=starts_on,
    )


def _says(representative: Representative) -> tuple[object, ...]:
    return (
        representative.person_id,
        representative.name,
        representative.capacity,
        representative.email,
        representative.starts_on,
    )


def _check(
    wanted: Representative, former: Representative | None, person: Member | None, *, today: date
) -> None:
    structure = wanted.structure
    if structure.kind != MemberKind.LEGAL or structure.merged_into_id or structure.anonymised_at:
        raise ValidationError("Seule une structure inscrite au registre a un représentant.")
    if person and (person.cpts_id != structure.cpts_id or person.kind != MemberKind.NATURAL):
        raise ValidationError({"person": "Choisissez une personne du registre de la CPTS."})
    if former is not None and wanted.starts_on < former.starts_on:
        began = f"{former.name} représente la structure depuis le {long_date(former.starts_on)}"
        raise ValidationError({"starts_on": f"{began}\u00a0: donnez ce jour-là ou un jour suivant."})
    if not _EARLIEST <= wanted.starts_on <= today + _FURTHEST:
        raise ValidationError({"starts_on": "Donnez un jour passé, ou à venir dans les deux ans."})
    wanted.clean_fields(exclude=["structure", "person"])
