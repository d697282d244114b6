"""Radiation: a ground, an invitation to explain, what was explained, a decision (annexe 2, article 8).

Nobody is removed who was not invited to explain, nor before the day given to do so.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, snapshot
from core.ui.formatting import long_date
from members.domain.members import one_line
from members.domain.memberships import end_period
from members.domain.periods import check_days, check_past
from members.domain.recording import record_member
from members.domain.removal_letter import request_letter
from members.domain.statutes import statutes_on
from members.domain.workflow import MovedError, lock_membership
from members.enums import EndGround, MembershipState, RemovalGround, RemovalOutcome
from members.models import Membership, Removal
from members.rules import can_decide_memberships

TOLD = (
    "ground", "facts", "opened_on", "invited_on", "hearing_on", "hearing_place",
    "explanations", "outcome", "decided_on", "decided_by", "decision_note",
)  # fmt: skip
_CLOSED = "La procédure est terminée\u00a0: rien ne s’y ajoute."


@transaction.atomic
def open_removal(
    membership: Membership, ground: str, facts: str, opened_on: date, *, by: Actor, now: datetime
) -> Removal:
    """Open the procedure against a member, and return it; the same again returns the one that is open.

    Raises MovedError when the membership ended meanwhile, StaleError when another procedure was opened,
    ValidationError by field.
    """
    locked = lock_membership(membership)
    can_decide_memberships(by, locked.member.cpts).require()
    facts = facts.strip()
    current = locked.removals.filter(outcome="").first()
    if current is not None and (current.ground, current.facts) == (ground, facts):
        return current
    if locked.state != MembershipState.ADMITTED:
        raise MovedError(locked)
    if current is not None:
        raise StaleError("Une procédure est déjà ouverte pour ce membre. Rien n’a été enregistré.")
    _check_opening(locked, ground, facts, opened_on, today=localdate(now))
    removal = Removal(membership=locked, ground=ground, facts=facts, opened_on=opened_on, recorded_at=now)
    removal.save(force_insert=True)
    changes = created(snapshot(removal, TOLD))
    record_member("removal_opened", locked.member, target=removal, by=by, now=now, changes=changes)
    return removal


@transaction.atomic
def invite_to_explain(
    removal: Removal,
    invited_on: date,
    hearing_on: date,
    hearing_place: str,
    *,
    revision: int,
    by: Actor,
    now: datetime,
) -> Removal:
    """Write the invitation of a member to explain, queue its letter, and return the procedure.

    A hearing that is put off has another letter, the first one staying. The same invitation again writes
    nothing. Raises StaleError, ValidationError by field.
    """
    locked, before = _locked(removal, by)
    place = one_line(hearing_place)
    if (locked.invited_on, locked.hearing_on, locked.hearing_place) == (invited_on, hearing_on, place):
        return locked
    _check_revision(locked, revision)
    _check_invitation(locked, invited_on, hearing_on, place, today=localdate(now))
    locked.invited_on, locked.hearing_on, locked.hearing_place = invited_on, hearing_on, place
    _write(locked, before, "removal_invited", by=by, now=now)
    request_letter(locked, now=now)
    return locked


@transaction.atomic
def note_explanations(
    removal: Removal, explanations: str, *, revision: int, by: Actor, now: datetime
) -> Removal:
    """Write what the member explained, said or written, and return the procedure.

    The same again writes nothing. Raises StaleError, ValidationError by field.
    """
    locked, before = _locked(removal, by)
    explanations = explanations.strip()
    if locked.explanations == explanations:
        return locked
    _check_revision(locked, revision)
    if not explanations:
        raise ValidationError({"explanations": "Notez ce qui a été répondu, ou que personne n’est venu."})
    locked.explanations = explanations
    _write(locked, before, "removal_explained", by=by, now=now)
    return locked


@transaction.atomic
def decide_removal(
    removal: Removal,
    outcome: str,
    decided_on: date,
    note: str,
    *,
    revision: int,
    by: Actor,
    now: datetime,
) -> Removal:
    """Write how a procedure ended, and return it: a radiation ends the membership on the day it is decided.

    The body is the one that the statutes in force that day name. The same decision again writes nothing.
    Raises StaleError, ValidationError by field.
    """
    locked, before = _locked(removal, by)
    note = one_line(note)
    if (locked.outcome, locked.decided_on, locked.decision_note) == (outcome, decided_on, note):
        return locked
    _check_revision(locked, revision)
    _check_decision(locked, outcome, decided_on, note, today=localdate(now))
    locked.outcome, locked.decided_on, locked.decision_note = outcome, decided_on, note
    if outcome == RemovalOutcome.REMOVED:
        membership = locked.membership
        locked.decided_by = statutes_on(membership.member.cpts_id, decided_on).removal_body
        end_period(membership, EndGround.REMOVAL, decided_on, note=note, by=by, now=now)
    _write(locked, before, "removal_decided", by=by, now=now)
    return locked


def _locked(removal: Removal, by: Actor) -> tuple[Removal, dict[str, object]]:
    """The procedure as it now is, under the lock of its membership, and what it says."""
    membership = lock_membership(removal.membership)
    can_decide_memberships(by, membership.member.cpts).require()
    locked = Removal.objects.select_for_update(of=("self",)).get(pk=removal.pk)
    locked.membership = membership
    return locked, snapshot(locked, TOLD)


def _check_revision(removal: Removal, revision: int) -> None:
    if removal.outcome:
        raise StaleError(_CLOSED)
    if removal.revision != revision:
        raise StaleError("La procédure a été modifiée entre-temps. Rien n’a été enregistré.")


def _check_opening(membership: Membership, ground: str, facts: str, opened_on: date, *, today: date) -> None:
    check_past(today, opened_on=opened_on)
    if ground not in RemovalGround.values:
        raise ValidationError({"ground": "Choisissez le motif."})
    if not facts:
        raise ValidationError({"facts": "Écrivez les faits\u00a0: la lettre d’invitation les reprend."})
    if membership.starts_on is not None and opened_on < membership.starts_on:
        since = long_date(membership.starts_on)
        raise ValidationError({"opened_on": f"L’adhésion a commencé le {since}\u00a0: pas avant."})


def _check_invitation(
    removal: Removal, invited_on: date, hearing_on: date, place: str, *, today: date
) -> None:
    check_days(today, invited_on=invited_on, hearing_on=hearing_on)
    errors = {}
    if invited_on < removal.opened_on:
        opened = long_date(removal.opened_on)
        errors["invited_on"] = f"La procédure est ouverte depuis le {opened}\u00a0: l’invitation vient après."
    if hearing_on <= invited_on:
        errors["hearing_on"] = "Laissez à la personne le temps de se préparer\u00a0: donnez un jour suivant."
    if not place:
        errors["hearing_place"] = "Dites où, ou par quel moyen, la personne s’explique."
    if errors:
        raise ValidationError(errors)


def _check_decision(removal: Removal, outcome: str, decided_on: date, note: str, *, today: date) -> None:
    check_past(today, decided_on=decided_on)
    if outcome not in RemovalOutcome.values:
        raise ValidationError({"outcome": "Choisissez l’issue de la procédure."})
    if not note:
        raise ValidationError({"decision_note": "Motivez la décision."})
    if decided_on < removal.opened_on:
        opened = long_date(removal.opened_on)
        raise ValidationError({"decided_on": f"La procédure est ouverte depuis le {opened}."})
    if outcome == RemovalOutcome.REMOVED:
        _check_heard(removal, decided_on)


def _check_heard(removal: Removal, decided_on: date) -> None:
    """Nobody is removed before they could explain."""
    if removal.invited_on is None or removal.hearing_on is None:
        raise ValidationError(
            "Nul n’est radié sans avoir été invité à s’expliquer\u00a0: invitez-le d’abord."
        )
    limit = removal.invited_on if removal.explanations else removal.hearing_on
    if decided_on < limit:
        day = long_date(limit)
        raise ValidationError(
            {"decided_on": f"La personne peut s’expliquer jusqu’au {day}\u00a0: pas avant."}
        )


def _write(removal: Removal, before: dict[str, object], verb: str, *, by: Actor, now: datetime) -> None:
    removal.revision += 1
    removal.save(update_fields=[*TOLD, "revision"])
    changes = changed(before, snapshot(removal, TOLD))
    record_member(verb, removal.membership.member, target=removal, by=by, now=now, changes=changes)
