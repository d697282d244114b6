"""Lives in any order: whatever is asked of a membership, periods never overlap and one at most is open.

A model of ours, a list of days on which somebody is a member, says what each answer should be.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from members.domain.memberships import (
    Decision,
    apply_for_membership,
    change_category,
    decide,
    end_membership,
    record_membership,
    withdraw,
)
from members.domain.periods import PeriodValues
from members.domain.suspensions import lift, suspend
from members.models import Member, Membership
from tests.factories.members import MemberFactory
from tests.factories.people import CptsFactory, assign

pytestmark = pytest.mark.django_db
START = date(2025, 1, 1)
DAYS = st.integers(0, 40).map(lambda number: START + timedelta(days=number))
CATEGORIES = st.sampled_from(["active", "honorary", "benefactor"])
REFUSED = (ValidationError, StaleError)


@dataclass
class Known:
    """What somebody is, told independently: their spans, the application that waits, the suspension."""

    spans: list[list[date | None]] = field(default_factory=list)
    is_waiting: bool = False
    asked_on: date = START
    category: str = ""
    suspensions: list[list[date | None]] = field(default_factory=list)

    @property
    def open_span(self) -> list[date | None] | None:
        """The span that has no end, None without one."""
        return next((span for span in self.spans if span[1] is None), None)

    def is_member(self, day: date) -> bool:
        """Whether a span holds a day."""
        return any(start <= day and (end is None or day < end) for start, end in self.spans)

    def is_suspended(self, day: date) -> bool:
        """Whether a suspension holds a day."""
        return any(start <= day and (end is None or day < end) for start, end in self.suspensions)

    def is_free_from(self, day: date) -> bool:
        """Whether nobody is a member on `day` or later."""
        return all(end is not None and (end <= day or start == end) for start, end in self.spans)


class Life(RuleBasedStateMachine):
    """One person, and everything that may be asked about them, today being the last of the days."""

    now = datetime.combine(START + timedelta(days=40), time(9), tzinfo=UTC)

    @initialize()
    def begin(self) -> None:
        """Write somebody in a registry."""
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.cpts = CptsFactory()
        held = assign(Role.COORDINATOR, self.cpts)
        self.by = {
            "by": Actor(role=Role.COORDINATOR, user_id=held.user_id, cpts_id=self.cpts.pk),
            "now": self.now,
        }
        self.member = MemberFactory(cpts=self.cpts)
        self.known = Known()
        self.entries = 0

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def attempt(self, expected: bool, call: object) -> bool:
        """Check that a verb does as expected, one entry each time that it does."""
        try:
            call()  # type: ignore[operator]
        except REFUSED:
            assert not expected
            return False
        assert expected
        self.entries += 1
        return True

    @property
    def waiting(self) -> Membership:
        """The application that waits."""
        return Membership.objects.get(member=self.member, state="applied")

    @property
    def latest(self) -> Membership:
        """The period that says what they are."""
        return Member.objects.select_related("last_membership__member__cpts").get().last_membership

    @rule(day=DAYS, category=CATEGORIES)
    def apply(self, day: date, category: str) -> None:
        """Apply; while an application waits, nothing happens."""
        if self.known.is_waiting:
            before = self.waiting
            assert apply_for_membership(self.member, applied_on=day, **self.by) == before
            return
        call = lambda: apply_for_membership(self.member, applied_on=day, category=category, **self.by)  # noqa: E731
        if self.attempt(self.known.is_free_from(day), call):
            self.known.is_waiting, self.known.asked_on, self.known.category = True, day, category

    @rule(decided_on=DAYS, starts_on=DAYS)
    def admit(self, decided_on: date, starts_on: date) -> None:
        """Admit whoever waits."""
        if not self.known.is_waiting:
            return
        known = self.known
        expected = (
            decided_on >= known.asked_on and starts_on >= known.asked_on and known.is_free_from(starts_on)
        )
        decision = Decision(is_admission=True, decided_on=decided_on, starts_on=starts_on)
        number = self.waiting.pk
        if self.attempt(expected, lambda: decide(self.cpts, [number], decision, **self.by)):
            known.is_waiting = False
            known.spans.append([starts_on, None])
            known.suspensions = []

    @rule(day=DAYS)
    def refuse(self, day: date) -> None:
        """Refuse whoever waits."""
        if not self.known.is_waiting:
            return
        decision, number = Decision(is_admission=False, decided_on=day, note="Non"), self.waiting.pk
        expected = day >= self.known.asked_on
        if self.attempt(expected, lambda: decide(self.cpts, [number], decision, **self.by)):
            self.known.is_waiting = False

    @rule()
    def give_up(self) -> None:
        """Withdraw whoever waits."""
        if self.known.is_waiting:
            waiting = self.waiting
            self.attempt(True, lambda: withdraw(waiting, **self.by))
            self.known.is_waiting = False

    @rule(day=DAYS)
    def resign(self, day: date) -> None:
        """End what is open."""
        span = self.known.open_span
        if span is None:
            return
        latest = self.latest
        call = lambda: end_membership(latest, "resignation", day, **self.by)  # noqa: E731
        if self.attempt(day >= span[0], call):  # type: ignore[operator]
            span[1] = day
            self.close_suspensions(day)

    @rule(day=DAYS, category=CATEGORIES)
    def change(self, day: date, category: str) -> None:
        """Change the category of a member."""
        span, latest = self.known.open_span, self.latest
        if span is None:
            return
        suspended = any(end is None for _, end in self.known.suspensions)
        expected = day >= span[0] and category != latest.category and not suspended  # type: ignore[operator]
        if self.attempt(expected, lambda: change_category(latest, category, None, day, **self.by)):
            span[1] = day
            self.known.spans.append([day, None])
            self.known.suspensions = []

    @rule(start=DAYS, end=st.none() | DAYS)
    def record(self, start: date, end: date | None) -> None:
        """Write what the papers say."""
        known = self.known
        ends = {"ends_on": end, "end_ground": "resignation"} if end else {}
        same = Membership.objects.filter(member=self.member, starts_on=start, ends_on=end, category="active")
        if same.exists():
            return
        in_order = end is None or end >= start
        apart = all(
            first == last or start == end or (end is not None and end <= first) or (last and last <= start)
            for first, last in known.spans
        )
        expected = in_order and bool(apart) and not (end is None and known.is_waiting)
        values = PeriodValues(start, **ends)
        call = lambda: record_membership(self.member, values, source="coordination", **self.by)  # noqa: E731
        if self.attempt(expected, call):
            known.spans.append([start, end])
            if end is None:
                known.suspensions = []

    @rule(day=DAYS)
    def suspend(self, day: date) -> None:
        """Suspend a member."""
        span, known = self.known.open_span, self.known
        if span is None or (day, None) in [tuple(each) for each in known.suspensions]:
            return
        free = all(end is not None and end <= day for _, end in known.suspensions)
        latest = self.latest
        if self.attempt(day >= span[0] and free, lambda: suspend(latest, day, "Absence", **self.by)):  # type: ignore[operator]
            known.suspensions.append([day, None])

    @rule(day=DAYS)
    def lift(self, day: date) -> None:
        """Lift a suspension."""
        open_ones = [each for each in self.known.suspensions if each[1] is None]
        if self.known.open_span is None or not open_ones:
            return
        latest = self.latest
        if self.attempt(day >= open_ones[0][0], lambda: lift(latest, day, **self.by)):  # type: ignore[operator]
            open_ones[0][1] = day

    def close_suspensions(self, day: date) -> None:
        """A suspension ends with its membership."""
        for each in self.known.suspensions:
            each[1] = max(day, each[0]) if each[1] is None else each[1]  # type: ignore[type-var]

    @invariant()
    def periods_are_those_of_the_model(self) -> None:
        """As many members, one at most, on every day; one open at most; one entry for each verb."""
        if not hasattr(self, "known"):
            return
        for number in range(0, 42, 3):
            day = START + timedelta(days=number)
            held = Membership.objects.in_force(day).filter(member=self.member).count()
            assert held == self.known.is_member(day), day
        open_ones = Membership.objects.filter(member=self.member, state__in=["applied", "admitted"])
        assert open_ones.count() == self.known.is_waiting + (self.known.open_span is not None)
        assert AuditEntry.objects.filter(chain=f"cpts-{self.cpts.pk}").count() == self.entries

    @invariant()
    def status_is_that_of_the_model(self) -> None:
        """What the registry says somebody is today."""
        if not hasattr(self, "known"):
            return
        today, known = START + timedelta(days=40), self.known
        status = Member.objects.with_status(today).get(pk=self.member.pk).status
        if known.is_waiting:
            assert status == "applicant"
        elif known.open_span is not None and known.is_member(today):
            assert status == ("suspended" if known.is_suspended(today) else "member")
        elif not known.spans:
            assert status == "contact"
        else:
            assert status == "former"


def test_any_life_keeps_its_promises():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
            database=None,
        ),
    )
