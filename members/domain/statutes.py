"""The statutes that hold on a day, and the recording of what an assembly adopted."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, record, snapshot
from core.organisations.models import Cpts
from members.domain.members import hold_registry
from members.domain.shares import THOUSANDTH
from members.domain.statutes_settings import SETTINGS, label_of, value_words
from members.domain.statutes_text import follows_local_law
from members.enums import Body, StatutesState
from members.models import StatutesCollege, StatutesVersion, VotingCollege
from members.rules import can_edit_statutes

EARLIEST = date(1901, 7, 1)
"""The law on associations."""
FURTHEST = timedelta(days=366)
_MONTHS_TO_DECLARE = 3
_DATES = ("starts_on", "adopted_on")
Seats = Mapping[int, int | None]
Told = tuple[StatutesVersion, Sequence[StatutesCollege]]


def statutes_on(cpts_id: int, day: date) -> StatutesVersion:
    """Return the version of the statutes of a CPTS in force on `day`.

    Before the first one recorded: an unsaved version with the defaults of the model statutes (`pk` is None),
    whose `starts_on` is `day`. One query.
    """
    found = StatutesVersion.objects.in_force(cpts_id, day)
    return found or StatutesVersion(cpts_id=cpts_id, starts_on=day)


def colleges_of(version: StatutesVersion) -> list[StatutesCollege]:
    """Return the colleges of a version as it had them, in order; none of a version that is not recorded."""
    return list(StatutesCollege.objects.filter(version=version)) if version.pk else []


def active_colleges(cpts_id: int) -> list[VotingCollege]:
    """Return the colleges that members may join today, in order."""
    return list(VotingCollege.objects.filter(cpts=cpts_id, archived_at=None))


def last_recorded(cpts_id: int) -> int | None:
    """Return the key of the last version recorded: what a form says it was filled in on."""
    return StatutesVersion.objects.filter(cpts=cpts_id).order_by("-pk").values_list("pk", flat=True).first()


def declare_before(version: StatutesVersion, earlier: Sequence[StatutesVersion]) -> date | None:
    """Return the last day to declare a change of statutes to the prefecture: three months after its adoption.

    None when nothing says when it was adopted, for the statutes that founded the association (no `earlier`
    version begins before), and under the local civil code, where a court registers them
    (domain reference, section 8).
    """
    changes = any(each.starts_on < version.starts_on for each in earlier)
    if version.adopted_on is None or not changes or follows_local_law(version.cpts):
        return None
    return _months_after(version.adopted_on, _MONTHS_TO_DECLARE)


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class DatedStatutes:
    """A version, where it stands on a day, and the day on which the next one takes its place."""

    version: StatutesVersion
    state: StatutesState
    ends_on: date | None


def versions_of(cpts_id: int, day: date) -> list[DatedStatutes]:
    """Return every version of a CPTS, the latest first, as they stand on `day`. One query."""
    versions = list(StatutesVersion.objects.filter(cpts=cpts_id).order_by("-starts_on", "-pk"))
    current = next((each for each in versions if each.starts_on <= day), None)
    found: list[DatedStatutes] = []
    for version in versions:
        later = next((each for each in reversed(found) if each.state != StatutesState.REPLACED), None)
        found.append(_dated(version, current, later.version if later else None, day))
    return found


def _dated(
    version: StatutesVersion, current: StatutesVersion | None, later: StatutesVersion | None, day: date
) -> DatedStatutes:
    if later and later.starts_on == version.starts_on:
        return DatedStatutes(version, StatutesState.REPLACED, version.starts_on)
    state = StatutesState.COMING if version.starts_on > day else StatutesState.PAST
    if current and current.pk == version.pk:
        state = StatutesState.CURRENT
    return DatedStatutes(version, state, later.starts_on if later else None)


def differences(before: Told, after: Told) -> list[tuple[str, str, str]]:
    """Return what differs between two versions and their colleges: label, words before, words after."""
    found = [
        (label_of(name), value_words(before[0], name), value_words(after[0], name))
        for name in SETTINGS
        if getattr(before[0], name) != getattr(after[0], name)
    ]
    colleges = college_words(before[1]), college_words(after[1])
    if colleges[0] != colleges[1]:
        found.append(("Collèges", colleges[0] or "aucun", colleges[1] or "aucun"))
    return found


def draft_statutes(
    cpts: Cpts,
    values: Mapping[str, Any],
    *,
    starts_on: date,
    adopted_on: date | None,
    seats: Seats,
    now: datetime,
) -> Told:
    """Return what `record_statutes` would write, unsaved. Raises ValidationError by field."""
    dates = {"starts_on": starts_on, "adopted_on": adopted_on, "recorded_at": now}
    version = StatutesVersion(cpts=cpts, **dates, **_as_stored(values))
    colleges = frozen_colleges(cpts.pk, version, seats)
    check_statutes(version, colleges, today=localdate(now))
    return version, colleges


@transaction.atomic
def record_statutes(
    cpts: Cpts,
    values: Mapping[str, Any],
    *,
    starts_on: date,
    adopted_on: date | None,
    seats: Seats,
    seen: int | None,
    by: Actor,
    now: datetime,
) -> StatutesVersion:
    """Record what the statutes say from a day on, and return the version in force that day.

    In: every setting of SETTINGS, the seats of the board by key of college, and `seen`, the last version
    recorded when this was typed. Nothing is rewritten: a version for the day of another one takes its place,
    both stay. One that begins in the past is accepted, for an association that brings its history: it changes
    neither what was decided then nor what holds after the next version. What holds that day already writes
    nothing. Raises ValidationError by field, StaleError, RefusedError.
    """
    can_edit_statutes(by, cpts).require()
    hold_registry(cpts)
    version, colleges = draft_statutes(
        cpts, values, starts_on=starts_on, adopted_on=adopted_on, seats=seats, now=now
    )
    held = StatutesVersion.objects.in_force(cpts.pk, starts_on)
    before = _told(held) if held else {}
    after = _said(version, colleges)
    if held and _is_already_so(held, version, before, after):
        return held
    if last_recorded(cpts.pk) != seen:
        raise StaleError
    version.save(force_insert=True)
    StatutesCollege.objects.bulk_create(colleges)
    changes = changed(before, after) if held else created(after)
    record("members.statutes_recorded", version, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    return version


def _as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give shares the decimals that their columns give back: 0.5 is no change from 0.500."""
    return {
        name: value.quantize(THOUSANDTH) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def _is_already_so(
    held: StatutesVersion, version: StatutesVersion, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    """Whether nothing would change: the same settings, and for the same day the same adoption."""
    settings = {**before, **dict.fromkeys(_DATES)} == {**after, **dict.fromkeys(_DATES)}
    return settings and (held.starts_on != version.starts_on or held.adopted_on == version.adopted_on)


def frozen_colleges(cpts_id: int, version: StatutesVersion, seats: Seats) -> list[StatutesCollege]:
    """Return the colleges of today as a version would keep them, unsaved: key of college → seats, or None."""
    return [
        StatutesCollege(
            version=version, college=each, name=each.name, position=position, seats=seats.get(each.pk)
        )
        for position, each in enumerate(active_colleges(cpts_id), start=1)
    ]


def _told(version: StatutesVersion) -> dict[str, Any]:
    return _said(version, colleges_of(version))


def _said(version: StatutesVersion, colleges: Sequence[StatutesCollege]) -> dict[str, Any]:
    return snapshot(version, (*_DATES, *SETTINGS)) | {"colleges": college_words(colleges)}


def college_words(colleges: Sequence[StatutesCollege]) -> str:
    """Return the colleges of a version, with their seats, as the journal and comparisons tell them."""
    return ", ".join(
        f"{each.name} ({each.seats} au conseil)" if each.seats else each.name for each in colleges
    )


def check_statutes(version: StatutesVersion, colleges: Sequence[StatutesCollege], *, today: date) -> None:
    """Raise ValidationError, by field, for statutes that cannot be applied."""
    errors: dict[str, str] = {}
    _check_dates(version, errors, today=today)
    _check_bodies(version, errors)
    _check_board(version, errors)
    _check_colleges(version, colleges, errors)
    if errors:
        raise ValidationError(errors)
    version.clean_fields(exclude=["cpts"])
    version.validate_constraints()


def _check_dates(version: StatutesVersion, errors: dict[str, str], *, today: date) -> None:
    if version.starts_on < EARLIEST:
        errors["starts_on"] = "La loi sur les associations est de 1901\u00a0: vérifiez cette date."
    elif version.starts_on > today + FURTHEST:
        errors["starts_on"] = "Des statuts s’enregistrent un an avant leur effet au plus tôt."
    if version.adopted_on and version.adopted_on > today:
        errors["adopted_on"] = "Cette date est à venir\u00a0: laissez-la vide tant que rien n’est adopté."
    elif version.adopted_on and version.adopted_on > version.starts_on:
        errors["starts_on"] = "Des statuts ne prennent pas effet avant leur adoption."


def _check_bodies(version: StatutesVersion, errors: dict[str, str]) -> None:
    for name in ("removal_body", "seat_transfer_body"):
        if getattr(version, name) == Body.NOBODY:
            errors[name] = "Cette décision revient à un organe de l’association\u00a0: choisissez lequel."


def _check_board(version: StatutesVersion, errors: dict[str, str]) -> None:
    years, times, seats = version.board_term_years, version.board_renewal_fractions, version.board_seats
    if times > years:
        errors["board_renewal_fractions"] = (
            f"Un mandat de {years}\u00a0an{'s' if years > 1 else ''} ne se renouvelle pas en "
            f"{times}\u00a0fois\u00a0: il faut un an au moins entre deux renouvellements."
        )
    elif times and years % times:
        errors["board_renewal_fractions"] = (
            f"Un mandat de {years}\u00a0ans ne se partage pas en {times} renouvellements réguliers."
        )
    elif times > seats:
        errors["board_renewal_fractions"] = "Il y aurait des renouvellements sans aucun siège à pourvoir."


def _check_colleges(
    version: StatutesVersion, colleges: Sequence[StatutesCollege], errors: dict[str, str]
) -> None:
    if version.votes_by_college and len(colleges) < 2:
        errors["votes_by_college"] = (
            "Un vote par collège demande deux collèges au moins\u00a0: ajoutez-les d’abord."
        )
    given = [each.seats for each in colleges if each.seats is not None]
    total = sum(given)
    is_whole = bool(given) and len(given) == len(colleges)
    if total > version.board_seats or (is_whole and total != version.board_seats):
        errors["board_seats"] = (
            f"Les collèges se partagent {total}\u00a0sièges, pour {version.board_seats} au conseil\u00a0: "
            "les deux nombres doivent s’accorder."
        )
