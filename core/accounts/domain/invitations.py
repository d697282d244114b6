"""Bringing somebody in: an account if they have none, a role, and the message that tells them."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import RefusedError
from core.accounts.domain.roles import give_role
from core.accounts.domain.sign_in_links import password_link
from core.accounts.models import RoleAssignment, User
from core.accounts.rules import can_end_role, can_give_role
from core.audit.domain.journal import created, record, snapshot
from core.organisations.models import Cpts, Institution

logger = logging.getLogger(__name__)

PAUSE = timedelta(minutes=10)
"""How long between two invitations to the same role: a mailbox is not flooded from here."""


@dataclass
class Invitation:
    """A role given, or given long ago (`is_new` is then False and no message leaves).

    `has_left` is None until the transaction ends, then tells whether the message was handed over.
    """

    assignment: RoleAssignment
    is_new: bool
    has_left: bool | None = None


@transaction.atomic
def invite_person(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    by: Actor,
    now: datetime,
    cpts: Cpts | None = None,
    institution: Institution | None = None,
) -> Invitation:
    """Give a role to whoever has this address, opening their account if need be; tell them once, on commit.

    An account that exists keeps its name and its password: the inviter learns nothing of it. Somebody who
    holds the role already is left in peace, and no message leaves less than PAUSE after one about the same
    role, which ended since. Raises RefusedError when `by` may not give this role.
    """
    can_give_role(by, role, cpts.pk if cpts else None).require()
    user = _account_of(email, first_name=first_name, last_name=last_name, by=by, now=now)
    invited_as = f"{first_name} {last_name}".strip()
    assignment = give_role(
        user, role, by=by, now=now, cpts=cpts, institution=institution, invited_as=invited_as
    )
    invitation = Invitation(assignment, is_new=assignment.invited_at is None and assignment.started_at == now)
    if not invitation.is_new:
        return invitation
    if lately := _invited_lately(assignment, now=now):
        assignment.invited_at, invitation.has_left = lately, False
        assignment.save(update_fields=["invited_at"])
    else:
        _send_on_commit(invitation, now=now)
    return invitation


@transaction.atomic
def invite_again(assignment: RoleAssignment, *, by: Actor, now: datetime) -> Invitation:
    """Send the invitation to a role again, on commit, to somebody who did not sign in since.

    Raises RefusedError when `by` may not, when the person came or the role ended, or when the last
    invitation left less than PAUSE ago.
    """
    can_end_role(by, assignment).require()
    locked = (
        RoleAssignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("user", "cpts", "institution")
        .get(pk=assignment.pk)
    )
    if locked.ended_at is not None or locked.is_taken:
        raise RefusedError("Cette personne n’attend plus d’invitation.")
    if locked.invited_at is not None and now - locked.invited_at < PAUSE:
        raise RefusedError("L’invitation vient de partir\u00a0: attendez dix minutes avant de la renvoyer.")
    record("accounts.invited_again", locked, by=by, now=now, cpts_id=locked.cpts_id)
    invitation = Invitation(locked, is_new=False)
    _send_on_commit(invitation, now=now)
    return invitation


def _account_of(email: str, *, first_name: str, last_name: str, by: Actor, now: datetime) -> User:
    address = User.objects.normalize_email(email)
    if known := User.objects.at_address(address):
        return known
    names = {"first_name": first_name, "last_name": last_name}
    defaults = names | {"password": make_password(None), "date_joined": now}
    user, is_new = User.objects.get_or_create(email=address, defaults=defaults)
    if is_new:
        changes = created(snapshot(user, ("email", *names)))
        record("accounts.account_opened", user, by=by, now=now, cpts_id=None, changes=changes)
    return user


def _invited_lately(assignment: RoleAssignment, *, now: datetime) -> datetime | None:
    """When the last message about the same role of this person left, if less than PAUSE ago."""
    same = {"role": assignment.role, "cpts": assignment.cpts_id, "institution": assignment.institution_id}
    earlier = RoleAssignment.objects.filter(user=assignment.user_id, **same).exclude(pk=assignment.pk)
    last = earlier.filter(invited_at__gt=now - PAUSE).order_by("-invited_at").first()
    return last.invited_at if last else None


def _send_on_commit(invitation: Invitation, *, now: datetime) -> None:
    assignment = invitation.assignment
    assignment.invited_at = now
    assignment.save(update_fields=["invited_at"])
    transaction.on_commit(partial(_send, invitation))


def _send(invitation: Invitation) -> None:
    """Hand the message over; a failure is told to whoever invited, who may send it again."""
    assignment = invitation.assignment
    user = assignment.user
    chooses = not user.has_usable_password() and user.last_login is None
    words = {
        "assignment": assignment,
        "site_url": settings.SITE_URL,
        "link": password_link(user) if chooses else settings.SITE_URL,
        "chooses": chooses,
    }
    subject = render_to_string("accounts/email/invitation_subject.txt", words).strip()
    body = render_to_string("accounts/email/invitation.txt", words)
    try:
        invitation.has_left = bool(send_mail(subject, body, None, [user.email]))
    except (OSError, SMTPException):
        invitation.has_left = False
        logger.exception("invitation %s could not be sent", assignment.pk)
