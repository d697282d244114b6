"""Reading the fees of a year: the list of its calls, and what they come to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from core.organisations.models import Cpts
from members.enums import FeeState, MemberCategory
from members.models import FeeCall, FeeScale, Member
from members.models.fee import FeeCallQuerySet, FeeFigures

_NUMBER = re.compile(r"(?:(\d{4})-)?(\d{1,6})")
_CALL_COLUMNS = ("cpts", "year", "number", "amount", "called_on", "due_on")
_NAMES = ("number", "last_name", "first_name")
_ZERO = Decimal(0)
_TO_COME = (FeeState.DUE, FeeState.PARTLY_PAID)


@dataclass(frozen=True)
class WantedCalls:
    """What is looked for among the calls of a year: "" for anything."""

    search: str = ""
    state: str = ""
    category: str = ""


def wanted_calls(cpts: Cpts, year: int, wanted: WantedCalls, day: date) -> FeeCallQuerySet:
    """Return the calls of a year as they stand on `day`, by name of their members."""
    calls = FeeCall.objects.calls().filter(cpts=cpts, year=year).with_state(day)
    if wanted.search:
        calls = calls.filter(_matching(cpts, year, wanted.search))
    if wanted.state:
        calls = calls.filter(Q(state=wanted.state))
    if wanted.category:
        calls = calls.filter(scale__category=wanted.category)
    # The name of the member is that of a page of their CPTS, which is there already.
    found = calls.select_related("member", "scale").order_by("member__sort_name", "number")
    # Sorting ten thousand rows goes the faster as they are narrow.
    return found.only(*_CALL_COLUMNS, *(f"member__{name}" for name in _NAMES), "scale__category")


def _matching(cpts: Cpts, year: int, search: str) -> Q:
    """Those whose member is so named, or whose call of this year has this number: « 12 », « 2026-0012 »."""
    found = Q(member__in=Member.objects.filter(cpts=cpts).matching(search))
    match = _NUMBER.fullmatch(search.strip())
    if match and match[1] in (None, str(year)):
        return found | Q(number=int(match[2]))
    return found


def figures_by_category(cpts: Cpts, year: int, day: date) -> dict[MemberCategory, FeeFigures]:
    """Return what the calls of a year come to on `day`, by category of members called. One query."""
    rows = (
        FeeCall.objects.calls()
        .filter(cpts=cpts, year=year)
        .with_state(day)
        .order_by()
        .values("scale__category", "state")  # type: ignore[misc]  # the stubs see no annotation
        .annotate(count=Count("pk"), asked=Sum("amount"), got=Sum("paid"))
    )
    by_category: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_category.setdefault(row["scale__category"], []).append(row)
    return {
        category: _figures(by_category[category]) for category in MemberCategory if category in by_category
    }


def _figures(rows: Iterable[dict[str, Any]]) -> FeeFigures:
    states = {row["state"]: (row["count"], row["asked"], row["got"]) for row in rows}

    def of(*wanted: FeeState) -> tuple[int, Decimal, Decimal]:
        found = [states.get(state, (0, _ZERO, _ZERO)) for state in wanted]
        count, asked, got = (sum(column) for column in zip(*found, strict=True))
        return int(count), Decimal(asked), Decimal(got)

    standing = of(*(state for state in FeeState if state != FeeState.CANCELLED))
    late, to_come, exempt, over = of(FeeState.LATE), of(*_TO_COME), of(FeeState.EXEMPT), of(FeeState.OVERPAID)
    return FeeFigures(
        called=standing[1],
        call_count=standing[0],
        received=standing[2],
        late=late[1] - late[2],
        late_count=late[0],
        to_come=to_come[1] - to_come[2],
        to_come_count=to_come[0],
        forgiven=exempt[1] - exempt[2],
        exempt_count=exempt[0],
        overpaid=over[2] - over[1],
        overpaid_count=over[0],
        cancelled_count=of(FeeState.CANCELLED)[0],
    )


def total_figures(parts: Iterable[FeeFigures]) -> FeeFigures:
    """Return what several figures come to."""
    parts = list(parts)
    names = FeeFigures.__dataclass_fields__
    return FeeFigures(**{name: sum((getattr(part, name) for part in parts), start=0) for name in names})


def years_of(cpts: Cpts, *besides: int) -> list[int]:
    """Return the years that have a scale or a call, and those given, the latest first. One query."""
    scales = FeeScale.objects.filter(cpts=cpts).values_list("year", flat=True)
    calls: QuerySet[Any, Any] = FeeCall.objects.filter(cpts=cpts).values_list("year", flat=True)
    return sorted({*scales.union(calls), *besides}, reverse=True)
