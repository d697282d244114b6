"""What happens to a person's account."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from core.access.actors import Actor
from core.accounts.models import User
from core.audit.domain.journal import changed, record, snapshot

_NAME = ("first_name", "last_name")


@transaction.atomic
def rename_person(
    user: User, *, first_name: str, last_name: str, by: Actor, now: datetime, note: str = ""
) -> User:
    """Show a person under another name, and return them; the same name again writes nothing."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    before = snapshot(locked, _NAME)
    locked.first_name, locked.last_name = first_name, last_name
    if changes := changed(before, snapshot(locked, _NAME)):
        locked.save(update_fields=_NAME)
        record("accounts.person_renamed", locked, by=by, now=now, cpts_id=None, changes=changes, note=note)
    return locked


@transaction.atomic
def forget_second_factors(user: User, *, by: Actor, now: datetime, note: str = "") -> int:
    """Remove the application, passkeys and recovery codes of a person; return how many there were.

    For somebody who lost them all: their password alone opens the account again. `note` says how one made
    sure that it was them.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    factors = Authenticator.objects.filter(user=locked)
    kinds = sorted(factors.values_list("type", flat=True))
    if kinds:
        factors.delete()
        changes = {"second_factors": [kinds, []]}
        record(
            "accounts.second_factors_forgotten",
            locked,
            by=by,
            now=now,
            cpts_id=None,
            changes=changes,
            note=note,
        )
    return len(kinds)
