"""The daily look at contracts: statements of anniversaries come or missed, due dates that came.

Nothing relies on being run exactly once a day, or by one process: each contract is looked at under its lock,
and what was done is told by rows that exist once.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone

from aci.domain.anniversaries import anniversary
from aci.models import Contract
from aci.models.contract import CONTRACT_YEARS
from core.access.actors import PLATFORM
from funding.domain.issuing import issue_statement, tell_treasurers
from funding.domain.receipts import received_keys
from funding.domain.statements import lock_contract, stored_lines
from funding.engine import DueDate, ScheduleLine, due_dates
from funding.enums import Occasion
from funding.models import DueNotice, Statement, StatementLine
from funding.notifications import due_message

logger = logging.getLogger(__name__)


def look_at_contracts(*, now: datetime) -> int:
    """Give every contract what its anniversaries and due dates bring, and return how many got something.

    In one transaction for each contract: killed in the middle, nothing is lost or done twice. A contract that
    fails (the texts no longer allow its terms) is left as it is and the log says why: the others go on. When
    the database or the time runs out it stops, and the next look goes on with what is left.
    """
    today = timezone.localdate(now)
    return sum(_looked_at(pk, today=today, now=now) for pk in _to_look_at(today))


def _looked_at(contract_id: int, *, today: date, now: datetime) -> bool:
    try:
        look_at(contract_id, today=today, now=now)
    except (OperationalError, SoftTimeLimitExceeded):
        raise
    except Exception:
        logger.exception("contract %s: what its anniversaries bring could not be established", contract_id)
        return False
    return True


@transaction.atomic
def look_at(contract_id: int, *, today: date, now: datetime) -> None:
    """Establish the statements that one contract misses, in order, then tell its due dates that came.

    Looked at again, it changes nothing.
    """
    contract = lock_contract(Contract(pk=contract_id))
    for occasion, as_of in _missing(contract, today):
        issue_statement(contract, occasion, as_of=as_of, by=PLATFORM, now=now)
    _tell_due_dates(contract, today=today, now=now)


def _missing(contract: Contract, today: date) -> Iterator[tuple[Occasion, date]]:
    """The signature, then each anniversary come, unless it was stated: each contract year is, once.

    Rule of ours: a correction of the signature is a change, whose statement stands for all that it moves.
    Years stated under the former date are not stated again on the new one; its due dates are told.
    """
    made = Statement.objects.filter(contract=contract.pk).exclude(occasion=Occasion.CHANGE)
    years = dict(made.values_list("contract_year", "occasion"))
    if Occasion.SIGNATURE not in years.values():
        yield Occasion.SIGNATURE, contract.signed_on
    for number in range(1, CONTRACT_YEARS + 1):
        day = anniversary(contract.signed_on, number)
        if day <= today and years.get(number + 1) != Occasion.ANNIVERSARY:
            yield Occasion.ANNIVERSARY, day


def _tell_due_dates(contract: Contract, *, today: date, now: datetime) -> None:
    """Tell the due dates that came and were not told yet, in one message: after a long absence, not in ten.

    What fell due before the contract was recorded here is nobody's news, no more than what was received
    before it was looked at: both are noted without a message.
    """
    latest = Statement.objects.latest_of(contract.pk)
    told = set(DueNotice.objects.filter(contract=contract.pk).values_list("due_on", flat=True))
    lines = [line for line in stored_lines(latest) if line.due_on <= today] if latest else []
    news = [due for due in due_dates(lines) if due.day not in told]
    DueNotice.objects.bulk_create([DueNotice(contract=contract, due_on=due.day, told_at=now) for due in news])
    recorded_on = timezone.localdate(contract.recorded_at)
    if expected := list(_still_expected([due for due in news if due.day >= recorded_on], contract)):
        tell_treasurers(contract, due_message(contract, expected), now=now)


def _still_expected(news: list[DueDate[ScheduleLine]], contract: Contract) -> Iterator[DueDate[ScheduleLine]]:
    """The same due dates without the lines that were received already."""
    received = received_keys(contract) if news else frozenset()
    for due in news:
        if lines := tuple(line for line in due.lines if line.key not in received):
            yield DueDate(due.day, lines)


def _to_look_at(today: date) -> list[int]:
    """The contracts that miss a statement, or have a due date that nobody was told of: one query for all."""
    latest = Statement.objects.filter(contract=OuterRef("pk")).order_by("-version")
    told = DueNotice.objects.filter(contract=OuterRef("statement__contract"), due_on=OuterRef("due_on"))
    untold = StatementLine.objects.filter(~Exists(told), statement=OuterRef("latest"), due_on__lte=today)
    contracts = Contract.objects.filter(signed_on__lte=today).annotate(
        made=Count("statements", filter=~Q(statements__occasion=Occasion.CHANGE)),
        latest=Subquery(latest.values("pk")[:1]),
    )
    rows = contracts.annotate(untold=Exists(untold)).order_by("pk")
    standing = rows.values_list("pk", "signed_on", "made", "untold")
    return [
        pk
        for pk, signed_on, made, has_untold in standing.iterator()
        if has_untold or made <= _anniversaries_come(signed_on, today)
    ]


def _anniversaries_come(signed_on: date, today: date) -> int:
    return sum(anniversary(signed_on, number) <= today for number in range(1, CONTRACT_YEARS + 1))
