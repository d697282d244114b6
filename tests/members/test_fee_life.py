"""The fees of a CPTS in any order: called, paid, refunded, cancelled, exempted; the money adds up."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from members.domain.fee_calls import call_member, cancel_call, exempt_member, withdraw_exemption
from members.domain.fee_listing import figures_by_category, total_figures
from members.domain.fee_payments import cancel_payment, record_payment, refund_payment
from members.enums import FeeState, PaymentMeans
from members.models import FeeBalance, FeeCall, FeeExemption, FeePayment
from tests.factories.fees import DUE_ON, NOW, TODAY, YEAR, join, keeper_of, set_scale_of
from tests.factories.people import CptsFactory

pytestmark = pytest.mark.django_db
AMOUNTS = st.integers(1, 3000).map(lambda cents: Decimal(cents) / 100)
MEMBERS = st.integers(0, 2)
quick = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class FeeLife(RuleBasedStateMachine):
    """Three members, and beside the base a model of a few dictionaries: what is called, what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.isolation = transaction.atomic()
        self.isolation.__enter__()
        self.cpts = CptsFactory()
        self.by = keeper_of(self.cpts)
        self.price = Decimal(20)
        set_scale_of(self.cpts)
        self.members = [join(self.cpts) for _ in range(3)]
        self.calls: dict[int, FeeCall] = {}
        self.called: dict[int, Decimal] = {}
        self.there: dict[int, Decimal] = {}
        self.exempt: dict[int, FeeExemption] = {}
        self.rows: list[FeePayment] = []
        self.taken_back: set[int] = set()
        self.written = AuditEntry.objects.count()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.isolation.__exit__(None, None, None)

    def attempt(self, write, *, allowed):
        """Write if the model allows it; otherwise it is refused and nothing is written."""
        try:
            with transaction.atomic():
                done = write()
        except ValidationError:
            assert not allowed
            return None
        assert allowed
        self.written += 1
        return done

    @rule(amount=AMOUNTS)
    def decide(self, amount):
        """Another decision of the assembly: calls made keep theirs."""
        if amount != self.price:
            set_scale_of(self.cpts, amount=amount)
            self.written += 1
        self.price = amount

    @rule(who=MEMBERS)
    def call(self, who):
        """Call, again or not."""
        if who in self.calls:
            assert call_member(self.members[who], YEAR, by=self.by, now=NOW) == self.calls[who]
            return
        made = self.attempt(
            lambda: call_member(self.members[who], YEAR, by=self.by, now=NOW), allowed=who not in self.exempt
        )
        if made:
            self.calls[who], self.called[who], self.there[who] = made, self.price, Decimal(0)

    @rule(who=MEMBERS, amount=AMOUNTS)
    def pay(self, who, amount):
        """Pay part, all, or too much."""
        if call := self.calls.get(who):
            row = record_payment(call, amount, TODAY, PaymentMeans.CASH, by=self.by, now=NOW)
            self.there[who] += amount
            self.rows.append(row)
            self.written += 1

    @rule(who=MEMBERS, amount=AMOUNTS)
    def refund(self, who, amount):
        """Give back what there is, not more."""
        if call := self.calls.get(who):
            row = self.attempt(
                lambda: refund_payment(call, amount, TODAY, PaymentMeans.CASH, "Essai", by=self.by, now=NOW),
                allowed=amount <= self.there[who],
            )
            if row:
                self.there[who] -= amount
                self.rows.append(row)

    @rule(which=st.integers(0, 30))
    def take_back(self, which):
        """Cancel a payment or a refund, of a call that stands or not."""
        if not self.rows:
            return
        row = self.rows[which % len(self.rows)]
        who = next((who for who, call in self.calls.items() if call.pk == row.call_id), None)
        if row.pk in self.taken_back:
            cancel_payment(row, "Essai", by=self.by, now=NOW)
            return
        allowed = who is not None and self.there[who] - row.amount >= 0
        if self.attempt(lambda: cancel_payment(row, "Essai", by=self.by, now=NOW), allowed=allowed):
            self.taken_back.add(row.pk)
            self.there[who] -= row.amount

    @rule(who=MEMBERS)
    def cancel(self, who):
        """Cancel a call that holds no money."""
        if call := self.calls.get(who):
            allowed = self.there[who] == 0
            if self.attempt(lambda: cancel_call(call, "Essai", by=self.by, now=NOW), allowed=allowed):
                for kept in (self.calls, self.called, self.there):
                    del kept[who]

    @rule(who=MEMBERS)
    def let_off(self, who):
        """Exempt, or no longer."""
        if who in self.exempt:
            withdraw_exemption(self.exempt.pop(who), by=self.by, now=NOW)
        else:
            self.exempt[who] = exempt_member(self.members[who], YEAR, "Essai", by=self.by, now=NOW)
        self.written += 1

    @invariant()
    def sums_add_up(self):
        """Rows of the base come to what the model says, whatever happened."""
        assert sum(FeeCall.objects.values_list("amount", flat=True)) == sum(self.called.values())
        # Not in SQL: SQLite sums in floating point.
        assert sum(FeePayment.objects.values_list("amount", flat=True)) == sum(self.there.values())
        for balance in FeeBalance.objects.all():
            rows = FeePayment.objects.filter(call=balance.call_id)
            assert balance.paid == sum(rows.values_list("amount", flat=True))
        for day in (TODAY, DUE_ON + timedelta(days=1)):
            self.figures_add_up(day)
        assert AuditEntry.objects.count() == self.written

    def figures_add_up(self, day: date) -> None:
        """Those of the page too, before and after the due date."""
        figures = total_figures(figures_by_category(self.cpts, YEAR, day).values())
        left = {who: self.called[who] - self.there[who] for who in self.calls}
        expected = sum(left[who] for who in left if left[who] > 0 and who not in self.exempt)
        late = day > DUE_ON
        assert figures.called == sum(self.called.values())
        assert figures.received == sum(self.there.values())
        assert (figures.late, figures.to_come) == ((expected, 0) if late else (0, expected))
        assert figures.overpaid == -sum(amount for amount in left.values() if amount < 0)
        assert figures.call_count == len(self.calls)
        assert figures.called == (
            figures.received - figures.overpaid + figures.late + figures.to_come + figures.forgiven
        )
        states = FeeCall.objects.calls().with_state(day)
        for who, call in self.calls.items():
            state = states.get(pk=call.pk).state
            assert (state == FeeState.LATE) == (late and left[who] > 0 and who not in self.exempt)

    @invariant()
    def the_journal_holds(self):
        """No entry was written twice or lost."""
        assert list(chain_faults()) == []


def test_the_money_of_fees_adds_up_whatever_happens():
    run_state_machine_as_test(FeeLife, settings=quick)
