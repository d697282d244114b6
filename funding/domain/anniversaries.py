"""The daily look at contracts: statements of anniversaries come or missed, due dates that came.

Nothing relies on being run exactly once a day, or by one process: each contract is looked at under its lock,
and what was done is told by rows that exist once.
"""

import logging
from collections.abc import Iterator, Sequence, Set
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from aci.domain.anniversaries import anniversary
from aci.models import Contract
from aci.models.contract import CONTRACT_YEARS
from core.access.actors import PLATFORM
from funding.domain.followed_lines import line_of_row
from funding.domain.issuing import issue_locked, tell_treasurers
from funding.domain.statements import LockedContract, lock_contract
from funding.engine import DueDate, ScheduleLine, due_dates
from funding.enums import Occasion
from funding.models import DueNotice, Statement, StatementLine
from funding.notifications import due_message

logger = logging.getLogger(__name__)

Stated = tuple[str, date, int]
"""What tells a statement from another: its occasion, its day, the contract year that holds that day."""


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
    locked = lock_contract(Contract(pk=contract_id))
    statements = Statement.objects.filter(contract=contract_id)
    stated = set(statements.values_list("occasion", "as_of", "contract_year"))
    for occasion, as_of in _missing(locked.contract.signed_on, stated, today):
        issue_locked(locked, occasion, as_of=as_of, by=PLATFORM, now=now)
    _tell_due_dates(locked, today=today, now=now)


def _missing(signed_on: date, stated: Set[Stated], today: date) -> Iterator[tuple[Occasion, date]]:
    """The signature, then each anniversary come of the contract as it now stands, unless it was stated.

    Rule of ours: an anniversary is a day and the contract year that it begins. A corrected signature has
    others, stated in their turn whatever was stated under the former day; taken back, it finds its own.
    """
    if not any(occasion == Occasion.SIGNATURE for occasion, _as_of, _year in stated):
        yield Occasion.SIGNATURE, signed_on
    for number in range(1, CONTRACT_YEARS + 1):
        day = anniversary(signed_on, number)
        if day <= today and (Occasion.ANNIVERSARY, day, number + 1) not in stated:
            yield Occasion.ANNIVERSARY, day


def _tell_due_dates(locked: LockedContract, *, today: date, now: datetime) -> None:
    """Tell the due dates that came and were not told yet, in one message: after a long absence, not in ten.

    What fell due before the contract was recorded here is nobody's news, no more than what was received
    before it was looked at: both are noted without a message.
    """
    contract = locked.contract
    latest = Statement.objects.filter(contract=contract.pk).order_by("-version")
    rows = _untold_lines(today).filter(statement=latest.values("pk")[:1]).order_by("position")
    news = due_dates(map(line_of_row, rows))
    DueNotice.objects.bulk_create([DueNotice(contract=contract, due_on=due.day, told_at=now) for due in news])
    recorded_on = timezone.localdate(contract.recorded_at)
    if expected := list(_still_expected([due for due in news if due.day >= recorded_on], locked)):
        tell_treasurers(contract, due_message(contract, expected), now=now)


def _still_expected(
    news: Sequence[DueDate[ScheduleLine]], locked: LockedContract
) -> Iterator[DueDate[ScheduleLine]]:
    """The same due dates without the lines that were received already."""
    received = {line.key for line in locked.received} if news else set()
    for due in news:
        if lines := tuple(line for line in due.lines if line.key not in received):
            yield DueDate(due.day, lines)


def _to_look_at(today: date) -> list[int]:
    """The contracts that miss a statement, or have a due date nobody was told of: two queries for all."""
    return sorted({*_missing_a_statement(today), *_with_an_untold_line(today)})


def _missing_a_statement(today: date) -> Iterator[int]:
    rows = (
        Contract.objects.filter(signed_on__lte=today)
        .order_by("pk")
        .values_list(
            "pk", "signed_on", "statements__occasion", "statements__as_of", "statements__contract_year"
        )
    )
    for (pk, signed_on), of_one in groupby(rows.iterator(), key=itemgetter(0, 1)):
        if any(_missing(signed_on, {row[2:] for row in of_one}, today)):
            yield pk


def _with_an_untold_line(today: date) -> Iterator[int]:
    latest = Statement.objects.filter(contract=OuterRef("pk")).order_by("-version")
    contracts = Contract.objects.annotate(latest=Subquery(latest.values("pk")[:1]))
    untold = contracts.filter(Exists(_untold_lines(today).filter(statement=OuterRef("latest"))))
    return untold.values_list("pk", flat=True).iterator()


def _untold_lines(today: date) -> QuerySet[StatementLine]:
    """Lines of any statement that fell due on days that nobody was told of."""
    told = DueNotice.objects.filter(contract=OuterRef("statement__contract"), due_on=OuterRef("due_on"))
    return StatementLine.objects.filter(~Exists(told), due_on__lte=today)
