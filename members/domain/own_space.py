"""Whose entry of the registry an account is: inviting, tying, taking the tie off.

An account is tied in two ways only. Its holder takes the entry of their own address (`take_entry`): they
proved that they read that mailbox by the link that opened the account, the address is compared with that of
the entry at that moment, and it is that of no other entry without an account, for a practice often has one
address for all. Or the coordination chooses, among those who hold a role in the CPTS (`tie_account`).
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import Actor
from core.access.enums import Role
from core.accounts.domain.invitations import Invitation, invite_person
from core.accounts.models import RoleAssignment, User
from core.organisations.models import Cpts
from members.domain.members import hold_registry
from members.domain.recording import record_member
from members.models import Member
from members.models.member import MemberQuerySet
from members.rules import can_edit_members, can_have_space

_LEFT = "Cette inscription a été fusionnée ou anonymisée\u00a0: elle n’a plus d’espace."
_NO_ADDRESS = "Donnez d’abord une adresse électronique à cette fiche."
_SHARED = (
    "Une autre fiche sans compte a cette adresse\u00a0: donnez à chacun la sienne, ou choisissez un compte."
)
_OTHER = "Cette fiche est déjà reliée à un autre compte."
_TAKEN = "Ce compte est déjà celui d’un autre inscrit de la CPTS."
_NO_ROLE = "Choisissez un compte qui tient un rôle dans cette CPTS."
_NOT_YOURS = "Aucune fiche ne peut être reliée à votre compte\u00a0: demandez-le à la coordination."


@dataclass(frozen=True, slots=True)
class SpaceAccess:
    """Where the space of an entry stands: its account, whether it was invited, the accounts to offer."""

    account: User | None
    is_invited: bool
    accounts: list[User]


def own_entry(cpts_id: int, user_id: int | None) -> Member | None:
    """Return the entry of an account in a CPTS, None while none is tied. One query."""
    found = Member.objects.listed().filter(cpts=cpts_id, user=user_id, user__isnull=False)
    return found.select_related("cpts").first()


def entry_to_take(cpts: Cpts, user: User) -> Member | None:
    """Return the entry that an account may take: the only one without account that has its address."""
    found = list(_without_account(cpts, user.email).select_related("cpts")[:2])
    return found[0] if len(found) == 1 else None


def access_of(member: Member) -> SpaceAccess:
    """Return where the space of an entry stands. Three queries."""
    held = RoleAssignment.objects.active().filter(cpts=member.cpts_id)
    invited = bool(member.email) and held.filter(user__email__iexact=member.email).exists()
    taken = Member.objects.filter(cpts=member.cpts_id, merged_into=None, user__isnull=False)
    free = User.objects.filter(pk__in=held.values("user")).exclude(pk__in=taken.values("user"))
    return SpaceAccess(member.user, invited, list(free.order_by("email")))


@transaction.atomic
def open_space(member: Member, *, by: Actor, now: datetime) -> Invitation:
    """Invite somebody of the registry, by the address of their entry, with the role of member.

    They then tie their account themselves (`take_entry`). Raises ValidationError, RefusedError.
    """
    locked = _locked(member, by)
    if not locked.email:
        raise ValidationError(_NO_ADDRESS)
    if locked.user_id is not None:
        raise ValidationError(_OTHER)
    if _without_account(locked.cpts, locked.email).exclude(pk=locked.pk).exists():
        raise ValidationError(_SHARED)
    if (known := User.objects.at_address(locked.email)) and own_entry(locked.cpts_id, known.pk):
        raise ValidationError(_TAKEN)
    invitation = invite_person(
        email=locked.email,
        first_name=locked.first_name,
        last_name=locked.last_name,
        role=Role.MEMBER,
        cpts=locked.cpts,
        by=by,
        now=now,
    )
    if invitation.is_new:
        record_member("space_opened", locked, by=by, now=now)
    return invitation


@transaction.atomic
def take_entry(cpts: Cpts, user: User, *, by: Actor, now: datetime) -> Member:
    """Tie an account to the entry of its address, by its holder, and return the entry; again, the same.

    Raises ValidationError when none can be taken, RefusedError for who acts in another's name.
    """
    can_have_space(by, cpts).require()
    hold_registry(cpts)
    if known := own_entry(cpts.pk, user.pk):
        return known
    found = entry_to_take(cpts, user)
    if found is None or by.user_id != user.pk:
        raise ValidationError(_NOT_YOURS)
    return _tie(found, user, by=by, now=now)


@transaction.atomic
def tie_account(member: Member, user: User, *, by: Actor, now: datetime) -> Member:
    """Tie an account that holds a role in the CPTS to an entry, by the coordination; again, nothing more.

    Raises ValidationError for an account that cannot be, RefusedError.
    """
    locked = _locked(member, by)
    if locked.user_id == user.pk:
        return locked
    if locked.user_id is not None:
        raise ValidationError(_OTHER)
    if not RoleAssignment.objects.active().filter(cpts=locked.cpts, user=user).exists():
        raise ValidationError(_NO_ROLE)
    if own_entry(locked.cpts_id, user.pk):
        raise ValidationError(_TAKEN)
    return _tie(locked, user, by=by, now=now)


@transaction.atomic
def untie_account(member: Member, *, by: Actor, now: datetime) -> Member:
    """Take the account of an entry off, its role left as it is; nothing where there is none."""
    locked = _locked(member, by)
    if locked.user_id is None:
        return locked
    former, locked.user = locked.user_id, None
    locked.save(update_fields=["user"])
    record_member("account_untied", locked, by=by, now=now, changes={"user": [former, None]})
    return locked


def _without_account(cpts: Cpts, email: str) -> MemberQuerySet:
    return Member.objects.listed().filter(cpts=cpts, user=None, email__iexact=email)


def _locked(member: Member, by: Actor) -> Member:
    can_edit_members(by, member.cpts).require()
    hold_registry(member.cpts)
    locked = Member.objects.select_for_update(of=("self",)).select_related("cpts").get(pk=member.pk)
    if locked.merged_into_id or locked.anonymised_at:
        raise ValidationError(_LEFT)
    return locked


def _tie(member: Member, user: User, *, by: Actor, now: datetime) -> Member:
    member.user = user
    member.save(update_fields=["user"])
    record_member("account_tied", member, by=by, now=now, changes={"user": [None, user.pk]})
    return member
