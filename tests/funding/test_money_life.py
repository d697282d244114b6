"""The life of a contract in any order: revised, rated, paid, taken back, looked at; its money adds up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aci.domain.anniversaries import anniversary
from aci.domain.attainments import rated_missions, record_attainments
from aci.domain.contracts import ContractValues, record_contract, revise_contract, values_of
from aci.enums import ProrationBasis
from aci.errors import ContractError
from aci.models import Contract
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.domain.fingerprints import fingerprint_of
from core.audit.models import AuditEntry
from core.jobs.models import Job
from core.notifications.models import Notification
from funding.domain.anniversaries import look_at_contracts
from funding.domain.baremes import published_baremes
from funding.domain.contract_terms import terms_of
from funding.domain.followed_lines import followed_lines, standing_receipts
from funding.domain.receipts import cancel_receipt, received_lines, record_receipt
from funding.domain.statements import content_of, stored_lines
from funding.engine import (
    CONTRACT_YEARS,
    EngineError,
    LineKey,
    ScheduleLine,
    compute_schedule,
    differences,
    lines_of,
    next_anniversary,
    total_amount,
)
from funding.enums import LineState, Occasion
from funding.models import DueNotice, Receipt, ReceiptLine, Statement, StatementLine
from tests.factories.contracts import EXAMPLE_A, coordinator_of
from tests.factories.funding import treasurer_of
from tests.factories.people import CptsFactory, assign

pytestmark = pytest.mark.django_db

TABLES = (Statement, StatementLine, Receipt, ReceiptLine, DueNotice, Notification, Job, AuditEntry)
MISSIONS = ("acces_soins", "parcours", "prevention", "crise_sanitaire", "qualite_pertinence")
SIGNATURES = [date(2022, 7, 1), date(2023, 3, 15), date(2024, 2, 29), date(2023, 12, 31)]
RATES = [Decimal(rate) for rate in ("0", "0.3333", "0.8", "1")]
quick = settings(
    max_examples=12,
    stateful_step_count=16,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def rows(model: Any) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in model.objects.order_by("pk").values()}


def by_family(lines: Iterable[ScheduleLine]) -> dict[LineKey, Decimal]:
    sums: dict[LineKey, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.settles or line.key] += line.amount
    return {key: amount for key, amount in sums.items() if amount}


class MoneyLife(RuleBasedStateMachine):
    """One contract, its coordinator, its treasurers and the scheduler, each at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.isolation = transaction.atomic()
        self.isolation.__enter__()
        self.cpts = CptsFactory()
        self.treasurer = treasurer_of(self.cpts)
        self.kept: dict[Any, dict[int, dict[str, Any]]] = {model: {} for model in TABLES[:5]}
        self.received: dict[LineKey, ScheduleLine] = {}
        self.seen: list[Statement] = []
        self.told: set[int] = set()
        self.minutes = self.written = 0
        self.looked = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.isolation.__exit__(None, None, None)

    # --- What happens ---

    @initialize(
        signed_on=st.sampled_from(SIGNATURES),
        late=st.sampled_from([0, 1, 900, 1400, 2000]),
        codes=st.sets(st.sampled_from(MISSIONS), min_size=1),
        is_paid=st.booleans(),
        data=st.data(),
    )
    def sign(self, signed_on: date, late: int, codes: set[str], is_paid: bool, data: st.DataObject) -> None:
        """A contract recorded on the day it is signed or years later, what it paid so far noted or not."""
        starts = {code: self.start(data, signed_on) for code in sorted(codes)}
        self.begin(replace(EXAMPLE_A, signed_on=signed_on, missions=starts), late=late, is_paid=is_paid)

    def begin(self, values: ContractValues, *, late: int, is_paid: bool) -> None:
        self.today = values.signed_on + timedelta(days=late)
        self.contract = record_contract(self.cpts, values, by=coordinator_of(self.cpts), now=self.now)
        self.statements_are_whole()
        if is_paid:
            self.receive(due_only=True, mask=-1)

    def start(self, data: st.DataObject, signed_on: date) -> date:
        days = data.draw(st.sampled_from([0, 1, 184, 365, 366, 700, 1500]) | st.integers(0, 1824))
        return signed_on + timedelta(days=days)

    @property
    def now(self) -> datetime:
        """A minute later each time it is asked, around midnight in Paris as at noon."""
        self.minutes += 1
        moment = datetime.combine(self.today, time(0, 0)) + timedelta(minutes=self.minutes % 1439)
        return timezone.make_aware(moment)

    @property
    def current(self) -> Contract:
        return Contract.objects.with_terms().get(pk=self.contract.pk)

    @property
    def latest(self) -> Statement:
        statement = Statement.objects.latest_of(self.contract.pk)
        assert statement is not None
        return statement

    @rule(days=st.sampled_from([1, 30, 200, 365, 800]), turn=st.sampled_from([None, 0, 1]))
    def wait(self, days: int, turn: int | None) -> None:
        """Some days, or until the next anniversary or its eve."""
        ahead = [self.today + timedelta(days=days)]
        if turn is not None:
            signed_on, years = self.current.signed_on, range(1, CONTRACT_YEARS + 1)
            ahead = [anniversary(signed_on, year) - timedelta(days=turn) for year in years] + ahead
        self.today = next(day for day in ahead if day > self.today)

    @rule()
    def look(self) -> None:
        look_at_contracts(now=self.now)
        self.looked = True
        before = [rows(model) for model in TABLES]
        assert look_at_contracts(now=self.now) == 0
        assert [rows(model) for model in TABLES] == before

    @rule(size=st.integers(1, 4))
    def resize(self, size: int) -> None:
        self.revise(size=size, computed_size=size)

    @rule(code=st.sampled_from(MISSIONS), starts=st.booleans(), data=st.data())
    def start_or_withdraw_a_mission(self, code: str, starts: bool, data: st.DataObject) -> None:
        values = values_of(self.current)
        missions = {each: start for each, start in values.missions.items() if each != code}
        self.revise(missions=missions | ({code: self.start(data, values.signed_on)} if starts else {}))

    @rule(
        change=st.one_of(
            st.fixed_dictionaries({"expected_attainment": st.sampled_from(RATES)}),
            st.fixed_dictionaries({"proration": st.sampled_from(list(ProrationBasis))}),
            st.fixed_dictionaries({"prorate_first_variable": st.booleans()}),
            st.fixed_dictionaries({"supplements": st.sampled_from([(), ("medecin_traitant",)])}),
            st.fixed_dictionaries({"bareme": st.sampled_from(["", "aci-2019", "avenant-2"])}),
            st.fixed_dictionaries({"crisis_plan_year": st.sampled_from([None, 1, 3, 5])}),
            st.fixed_dictionaries({"crisis_years": st.sampled_from([(), (1,), (2, 4), (1, 2, 3, 4, 5)])}),
            st.fixed_dictionaries({"cpam_party": st.sampled_from(["CPAM d’essai", "CPAM d’à côté"])}),
        )
    )
    def change_terms(self, change: dict[str, Any]) -> None:
        self.revise(**change)

    @rule(days=st.sampled_from([-366, -5, -1, 1, 5, 40, 366]))
    def correct_signature(self, days: int) -> None:
        self.revise(signed_on=self.current.signed_on + timedelta(days=days))

    def revise(self, **changes: Any) -> None:
        contract = self.current
        values = values_of(contract)
        given = {field.name: getattr(values, field.name) for field in fields(ContractValues)}
        values = ContractValues(**{**given, **changes})
        self.attempt(
            lambda: revise_contract(
                contract,
                values,
                revision=contract.revision,
                reason="Avenant d’essai",
                by=coordinator_of(self.cpts),
                now=self.now,
            )
        )

    @rule(year=st.integers(1, 5), rate=st.sampled_from(RATES), reason=st.sampled_from(["Dialogue", "Bilan"]))
    def rate_year(self, year: int, rate: Decimal, reason: str) -> None:
        contract = self.current
        rates = dict.fromkeys(rated_missions(contract, year), rate)
        recorded = {row.mission: row.rate for row in contract.attainments.all() if row.contract_year == year}
        self.attempt(
            lambda: record_attainments(
                contract,
                year,
                rates,
                reason,
                by=coordinator_of(self.cpts),
                now=self.now,
                replacing={code: recorded[code] for code in rates if code in recorded},
            )
        )

    def attempt(self, call: Callable[[], Any]) -> None:
        """What is refused leaves everything as it was."""
        before = [rows(model) for model in TABLES]
        try:
            call()
        except (ContractError, EngineError):
            assert [rows(model) for model in TABLES] == before

    @rule(due_only=st.booleans(), mask=st.sampled_from([-1, -1, 0b111]) | st.integers(1, 2**90))
    def receive(self, due_only: bool, mask: int) -> None:
        pending = [line for line in followed_lines(self.latest, today=self.today) if line.is_pending]
        chosen = [
            line
            for rank, line in enumerate(pending)
            if mask >> rank & 1 and (line.due_on <= self.today or not due_only)
        ]
        if chosen:
            ids = [line.row_id for line in chosen]
            receipt = record_receipt(
                self.contract, ids, self.today, f"VIR {self.minutes}", by=self.treasurer, now=self.now
            )
            assert receipt.amount == total_amount(chosen)
            wanted = {line.key for line in chosen}
            self.received |= {line.key: line for line in stored_lines(self.latest) if line.key in wanted}

    @precondition(lambda self: self.received)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        standing = standing_receipts(self.contract.pk)
        receipt = data.draw(st.sampled_from(sorted(set(standing.values()), key=lambda each: each.pk)))
        taken_back = cancel_receipt(receipt, "Erreur d’essai", by=self.treasurer, now=self.now)
        assert taken_back.amount == -receipt.amount
        self.received = {key: line for key, line in self.received.items() if standing[key].pk != receipt.pk}

    @precondition(lambda self: self.seen and self.latest.version > 1)
    @rule()
    def receive_from_an_older_statement(self) -> None:
        old = Statement.objects.get(contract=self.contract, version=self.latest.version - 1)
        with pytest.raises(StaleError):
            record_receipt(
                self.contract, [old.lines.first().pk], self.today, "VIR", by=self.treasurer, now=self.now
            )

    @precondition(lambda self: self.people() < 3)
    @rule()
    def appoint_treasurer(self) -> None:
        assign(Role.TREASURER, self.cpts)

    def people(self) -> int:
        return self.cpts.roles.filter(role=Role.TREASURER).count()

    # --- What holds all along ---

    @invariant()
    def what_was_written_is_as_it_was(self) -> None:
        for model, before in self.kept.items():
            now = rows(model)
            assert before.items() <= now.items(), model
            self.kept[model] = now

    @invariant()
    def statements_are_whole(self) -> None:
        statements = list(Statement.objects.filter(contract=self.contract.pk).order_by("version"))
        assert [each.version for each in statements] == list(range(1, len(statements) + 1))
        occasions = Counter(each.occasion for each in statements)
        assert occasions[Occasion.SIGNATURE] == 1
        for position, statement in enumerate(statements[len(self.seen) :], start=len(self.seen)):
            self.check_new(statement, statements[:position])
        self.check_messages(statements)
        self.seen = statements

    def check_new(self, statement: Statement, before: list[Statement]) -> None:
        content = content_of(statement, statement.lines.order_by("position"))
        assert fingerprint_of(content) == statement.fingerprint
        lines = stored_lines(statement)
        assert all(line.amount for line in lines)
        assert {row.position for row in statement.lines.all()} == set(range(1, len(lines) + 1))
        assert {line.key for line in lines if line.key in self.received} == set(self.received)
        flagged = {row.pk for row in statement.lines.filter(received=True)}
        assert len(flagged) == len(self.received)
        years = compute_schedule(terms_of(self.current), published_baremes()).years
        settled_on = max(each.as_of for each in (*before, statement))
        announced = set(stored_lines(before[-1])) if before else set()
        for line in lines:
            if line.settles and line not in self.received.values():
                waits = line in announced and line.due_on <= settled_on
                assert waits or line.due_on == next_anniversary(years, settled_on), statement

    def check_messages(self, statements: list[Statement]) -> None:
        """Each statement that moves a line, or turns a year, is told to who is treasurer that day; once."""
        messages = Notification.objects.filter(cpts=self.cpts).exclude(pk__in=self.told)
        new = {each.pk for each in statements[len(self.seen) :]}
        for message in messages.filter(key__startswith="funding.statement:"):
            assert int(message.key.partition(":")[2]) in new, "an old statement is told"
        for position, statement in enumerate(statements):
            if statement.pk in new:
                moved = position and differences(*map(stored_lines, statements[position - 1 : position + 1]))
                expected = self.people() if moved or statement.occasion != Occasion.CHANGE else 0
                assert messages.filter(key=f"funding.statement:{statement.pk}").count() == expected
        due = messages.filter(key__startswith="funding.due:")
        assert due.count() in {0, self.people()}
        self.told |= set(messages.values_list("pk", flat=True))

    @invariant()
    def the_latest_adds_up_to_the_terms(self) -> None:
        lines = stored_lines(self.latest)
        schedule = compute_schedule(terms_of(self.current), published_baremes())
        assert self.latest.total == total_amount(lines) == schedule.total
        assert by_family(lines) == by_family(lines_of(schedule))
        received = {line.key: line for line in received_lines(self.contract)}
        assert received == self.received
        assert set(received.values()) <= set(lines)
        assert sum(Receipt.objects.values_list("amount", flat=True)) == total_amount(received.values())

    @invariant()
    def states_tell_the_whole(self) -> None:
        lines = followed_lines(self.latest, today=self.today)
        sums = {state: total_amount(line for line in lines if line.state is state) for state in LineState}
        assert sum(sums.values()) == self.latest.total
        for line in lines:
            assert line.is_pending == (line.key not in self.received)
            if line.is_pending:
                assert (line.state is LineState.LATE) == (line.payable_by < self.today)
                assert (line.state is LineState.COMING) == (line.due_on > self.today)

    @invariant()
    def anniversaries_are_stated_once(self) -> None:
        made = Statement.objects.filter(contract=self.contract.pk, occasion=Occasion.ANNIVERSARY)
        stated = Counter(made.values_list("as_of", "contract_year"))
        assert all(count == 1 for count in stated.values())
        if self.looked:
            signed_on = self.current.signed_on
            days = {(anniversary(signed_on, k), k + 1) for k in range(1, CONTRACT_YEARS + 1)}
            assert {(day, year) for day, year in days if day <= self.today} <= stated.keys()
            untold = {line.due_on for line in stored_lines(self.latest) if line.due_on <= self.today}
            assert untold <= set(DueNotice.objects.values_list("due_on", flat=True))
        self.looked = False

    @invariant()
    def the_journal_is_whole(self) -> None:
        written = AuditEntry.objects.count()
        if written == self.written:
            return
        self.written = written
        assert list(chain_faults()) == []
        for action, model in (
            ("funding.statement_established", Statement),
            ("funding.receipt_", Receipt),
        ):
            assert AuditEntry.objects.filter(action__startswith=action).count() == model.objects.count()


def test_whatever_happens_to_a_contract_its_money_adds_up(db):
    run_state_machine_as_test(MoneyLife, settings=quick)


def test_a_contract_recorded_late_and_corrected_before_the_first_look(db):
    life = MoneyLife()
    try:
        life.begin(EXAMPLE_A, late=1400, is_paid=True)
        for step in (lambda: life.resize(3), life.look, life.look, lambda: life.resize(2), life.look):
            step()
            life.statements_are_whole()
            life.the_latest_adds_up_to_the_terms()
            life.anniversaries_are_stated_once()
        assert [each.version for each in life.seen] == [1, 2, 3, 4, 5, 6]
    finally:
        life.teardown()
