"""What follows from a contract that changes or turns a year: its statement, its PDF, and who is told."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from aci.models import Contract
from core.access.actors import Actor
from core.access.enums import Role
from core.accounts.models import RoleAssignment
from core.notifications.domain.messages import notify
from funding.domain.statement_pdf import request_statement_pdf
from funding.domain.statements import (
    LockedContract,
    differences_with_previous,
    establish_statement,
    lock_contract,
)
from funding.enums import Occasion
from funding.models import Statement
from funding.notifications import Message, statement_message


@transaction.atomic
def issue_statement(
    contract: Contract, occasion: Occasion, *, as_of: date, by: Actor, now: datetime, reason: str = ""
) -> Statement:
    """Establish a statement, ask for its PDF and tell the treasurer, all of it or nothing; return it.

    A change that moves no line tells nothing: its statement, when there is one, proves what it rests on, and
    its PDF is made for whoever asks. In and errors: see `establish_statement`.
    """
    return issue_locked(lock_contract(contract), occasion, as_of=as_of, by=by, now=now, reason=reason)


def issue_locked(
    locked: LockedContract, occasion: Occasion, *, as_of: date, by: Actor, now: datetime, reason: str = ""
) -> Statement:
    """Do the same for who holds the contract already, in a transaction of theirs: it is not read again."""
    is_change = occasion is Occasion.CHANGE
    before = Statement.objects.latest_of(locked.contract.pk) if is_change else None
    statement = establish_statement(locked, occasion, as_of=as_of, by=by, now=now, reason=reason)
    # The statement in force, given back, was told in its time: whoever came since is told nothing of it.
    if is_change and (statement == before or not differences_with_previous(statement)):
        return statement
    request_statement_pdf(statement, now=now)
    tell_treasurers(statement.contract, statement_message(statement), now=now)
    return statement


def follow_contract(contract: Contract, *, by: Actor, now: datetime, reason: str, **_signal: object) -> None:
    """Listen to `aci.signals.contract_changed`: a statement at the signature, then one for each change."""
    if Statement.objects.filter(contract=contract.pk).exists():
        occasion, as_of = Occasion.CHANGE, timezone.localdate(now)
    else:
        occasion, as_of = Occasion.SIGNATURE, contract.signed_on
    issue_statement(contract, occasion, as_of=as_of, by=by, now=now, reason=reason)


def tell_treasurers(contract: Contract, message: Message, *, now: datetime) -> None:
    """Write a message about a contract to the treasurers of its CPTS, or to its coordinators without any.

    Rule of ours: amounts leave by e-mail, so that whoever was invited is told nothing before they sign in.
    """
    notify(
        _treasurers(contract.cpts_id),
        message.key,
        title=message.title,
        body=message.body,
        path=message.path,
        cpts=contract.cpts,
        now=now,
    )


def _treasurers(cpts_id: int) -> list[int]:
    """Who came since they were invited: until then, the address may be that of somebody else."""
    came = Q(invited_at=None) | Q(user__last_login__gte=F("started_at"))
    held = RoleAssignment.objects.active().filter(
        came, cpts=cpts_id, role__in=[Role.TREASURER, Role.COORDINATOR], user__is_active=True
    )
    people = list(held.order_by("pk").values_list("role", "user"))
    treasurers = [user for role, user in people if role == Role.TREASURER]
    return treasurers or [user for _role, user in people]
