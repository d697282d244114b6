"""Scales, calls, payments: exact amounts, once each, nothing rewritten."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import RefusedError, StaleError
from core.audit.models import AuditEntry
from members.domain.fee_calls import (
    NotCalled,
    call_member,
    cancel_call,
    candidates,
    exempt_member,
    withdraw_exemption,
)
from members.domain.fee_payments import cancel_payment, record_payment, refund_payment
from members.domain.fee_scales import campaign_of, scale_for, scales_of, set_campaign
from members.enums import (
    Body,
    FeeState,
    FeeStep,
    MemberCategory,
    MemberKind,
    NoticeState,
    PaymentMeans,
)
from members.models import (
    BankFile,
    BankLine,
    FeeBalance,
    FeeCall,
    FeeCampaign,
    FeeExemption,
    FeeNotice,
    FeePayment,
    FeeScale,
    Suspension,
)
from tests.factories.fees import DUE_ON, NOW, TODAY, YEAR, call, join, keeper_of, pay, set_scale_of
from tests.factories.members import RECORDED, MemberFactory, VotingCollegeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scale(cpts):
    return set_scale_of(cpts)


def state_of(call, day=TODAY):
    return FeeCall.objects.with_state(day).get(pk=call.pk).state


def counts():
    return [table.objects.count() for table in (FeeScale, FeeCall, FeePayment, FeeNotice, AuditEntry)]


# Scales


def test_a_scale_says_what_was_decided(cpts, scale):
    assert (scale.amount, scale.due_on, scale.decided_by) == (Decimal(20), DUE_ON, Body.GENERAL_ASSEMBLY)
    entry = AuditEntry.objects.get(action="members.fee_scale_set")
    assert entry.chain == f"cpts-{cpts.pk}"
    assert entry.changes["decision_reference"] == [None, "Résolution 4"]


def test_the_same_scale_again_writes_nothing(cpts, scale):
    before = counts()

    assert set_scale_of(cpts) == scale
    assert counts() == before


def test_a_new_decision_replaces_the_scale_and_calls_made_keep_theirs(cpts, scale):
    first = call(cpts)

    newer = set_scale_of(cpts, amount=Decimal(25))
    second = call(cpts)

    assert newer.replaces == scale
    assert scales_of(cpts, YEAR) == [newer]
    assert (first.scale, first.amount, second.scale, second.amount) == (scale, 20, newer, 25)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("category", {"category": MemberCategory.HONORARY}),
        ("decided_on", {"decided_on": TODAY + timedelta(days=1)}),
        ("due_on", {"due_on": date(2028, 1, 1)}),
        ("amount", {"amount": Decimal("1.234")}),
        ("decision_reference", {"decision_reference": ""}),
    ],
)
def test_a_wrong_scale_is_refused_beside_its_field(cpts, field, values):
    with pytest.raises(ValidationError) as refused:
        set_scale_of(cpts, **values)

    assert field in refused.value.message_dict
    assert not FeeScale.objects.exists()


def test_the_college_of_another_cpts_is_refused(cpts, other_cpts):
    with pytest.raises(ValidationError) as refused:
        set_scale_of(cpts, college=VotingCollegeFactory(cpts=other_cpts))

    assert list(refused.value.message_dict) == ["college"]


def test_the_most_precise_scale_applies(cpts, scale):
    college = VotingCollegeFactory(cpts=cpts)
    legal = set_scale_of(cpts, kind=MemberKind.LEGAL, amount=Decimal(100))
    of_college = set_scale_of(cpts, college=college, amount=Decimal(5))
    scales = scales_of(cpts, YEAR)

    def found(kind, college_id=None):
        return scale_for(scales, category=MemberCategory.ACTIVE, kind=kind, college_id=college_id)

    assert found(MemberKind.NATURAL) == scale
    assert found(MemberKind.LEGAL) == legal
    assert found(MemberKind.LEGAL, college.pk) == of_college
    assert scale_for(scales, category=MemberCategory.BENEFACTOR, kind="", college_id=None) is None


def test_reminders_are_set_once_and_never_over_somebody_elses(cpts):
    values = {"reminders": False, "days_before": 10, "first_after": 20, "second_after": 40, "message": ""}

    campaign = set_campaign(cpts, YEAR, values, revision=1, by=keeper_of(cpts), now=NOW)
    again = set_campaign(cpts, YEAR, values, revision=1, by=keeper_of(cpts), now=NOW)

    assert (campaign.pk, campaign.reminders) == (again.pk, False)
    assert AuditEntry.objects.filter(action="members.fee_campaign_set").count() == 1
    set_campaign(cpts, YEAR, values | {"days_before": 5}, revision=1, by=keeper_of(cpts), now=NOW)
    with pytest.raises(StaleError):
        set_campaign(cpts, YEAR, values | {"days_before": 7}, revision=1, by=keeper_of(cpts), now=NOW)
    assert campaign_of(cpts, YEAR).days_before == 5


# Calls


def test_a_call_is_numbered_dated_and_told(cpts, scale):
    made = call(cpts)

    assert (str(made), made.amount, made.called_on, made.due_on) == ("2026-0001", 20, TODAY, DUE_ON)
    assert state_of(made) == FeeState.DUE
    assert list(made.notices.values_list("step", "state")) == [(FeeStep.CALL, NoticeState.WAITING)]
    entry = AuditEntry.objects.get(action="members.fee_called")
    assert entry.target_id == str(made.pk)
    assert str(call(cpts)) == "2026-0002"


def test_called_twice_a_member_has_one_call(cpts, scale):
    member = join(cpts)
    first = call_member(member, YEAR, by=keeper_of(cpts), now=NOW)
    before = counts()

    assert call_member(member, YEAR, by=keeper_of(cpts), now=NOW) == first
    assert counts() == before


def test_without_an_address_the_call_is_to_be_printed(cpts, scale):
    assert call(cpts, email="").notices.get().state == NoticeState.PAPER


def test_called_late_a_member_has_thirty_days(cpts, scale):
    late = call(cpts, now=NOW.replace(month=9))

    assert late.due_on == date(2026, 10, 2)


def test_who_is_not_called_and_why(cpts, scale):
    called, suspended, honorary, exempt, benefactor = (
        join(cpts, last_name="A"),
        join(cpts, last_name="B"),
        join(cpts, last_name="C", category=MemberCategory.HONORARY),
        join(cpts, last_name="D"),
        join(cpts, last_name="E", category=MemberCategory.BENEFACTOR),
    )
    to_call = join(cpts, last_name="F")
    MemberFactory(cpts=cpts, number=90)
    join(cpts, last_name="G", starts_on=TODAY + timedelta(days=1))
    call_member(called, YEAR, by=keeper_of(cpts), now=NOW)
    Suspension.objects.create(
        membership=suspended.last_membership, starts_on=TODAY, reason="Essai", recorded_at=RECORDED
    )
    exempt_member(exempt, YEAR, "Décision du conseil", by=keeper_of(cpts), now=NOW)

    found = candidates(cpts, YEAR, day=TODAY)

    assert [(each.member, each.why_not) for each in found] == [
        (called, NotCalled.ALREADY),
        (suspended, NotCalled.SUSPENDED),
        (honorary, NotCalled.HONORARY),
        (exempt, NotCalled.EXEMPT),
        (benefactor, NotCalled.NO_SCALE),
        (to_call, None),
    ]
    assert found[-1].asked.amount == 20


@pytest.mark.parametrize(("starts_on", "amount"), [(date(2026, 2, 1), 150), (date(2025, 12, 31), 100)])
def test_a_benefactor_pays_the_entry_fee_their_first_year(cpts, starts_on, amount):
    benefactor = {"category": MemberCategory.BENEFACTOR}
    set_scale_of(cpts, **benefactor, amount=Decimal(100), entry_fee=Decimal(50))

    made = call(cpts, **benefactor, starts_on=starts_on)

    assert (made.amount, made.entry_fee) == (amount, amount - 100)


def test_who_is_not_a_member_is_not_called(cpts, scale):
    with pytest.raises(ValidationError, match="pas membre ce jour-là"):
        call_member(MemberFactory(cpts=cpts), YEAR, by=keeper_of(cpts), now=NOW)
    assert not FeeCall.objects.exists()


def test_a_scale_of_nothing_calls_nobody(cpts):
    set_scale_of(cpts, amount=Decimal(0))
    join(cpts)

    assert [each.why_not for each in candidates(cpts, YEAR, day=TODAY)] == [NotCalled.NOTHING]


def test_candidates_are_read_in_two_queries(cpts, scale, django_assert_num_queries):
    for _ in range(3):
        join(cpts)

    with django_assert_num_queries(2):
        candidates(cpts, YEAR, day=TODAY)


def test_a_cancelled_call_leaves_its_row_and_the_member_may_be_called_again(cpts, scale):
    made = call(cpts)

    row = cancel_call(made, " Mauvaise  catégorie ", by=keeper_of(cpts), now=NOW)
    again = cancel_call(made, "Encore", by=keeper_of(cpts), now=NOW)

    assert row == again
    assert (row.cancels, row.amount, row.number, row.reason) == (made, -20, 2, "Mauvaise catégorie")
    assert state_of(made) == FeeState.CANCELLED
    assert made.notices.get().state == NoticeState.DROPPED
    second = call_member(made.member, YEAR, by=keeper_of(cpts), now=NOW)
    assert (second.replaces, second.number) == (made, 3)


def test_a_call_with_money_is_not_cancelled(cpts, scale):
    made = call(cpts)
    pay(made, 5)

    with pytest.raises(ValidationError) as refused:
        cancel_call(made, "Essai", by=keeper_of(cpts), now=NOW)
    assert list(refused.value.message_dict) == ["reason"]
    assert FeeCall.objects.count() == 1


def test_an_exempt_member_is_never_late(cpts, scale):
    made = call(cpts)
    after = DUE_ON + timedelta(days=1)
    assert state_of(made, after) == FeeState.LATE

    exemption = exempt_member(made.member, YEAR, "Décès d’un proche", by=keeper_of(cpts), now=NOW)
    same = exempt_member(made.member, YEAR, "Autre", by=keeper_of(cpts), now=NOW)
    assert exemption == same
    assert state_of(made, after) == FeeState.EXEMPT

    withdraw_exemption(exemption, by=keeper_of(cpts), now=NOW)
    withdraw_exemption(exemption, by=keeper_of(cpts), now=NOW)
    assert state_of(made, after) == FeeState.LATE
    assert AuditEntry.objects.filter(action="members.fee_exemption_withdrawn").count() == 1


# Payments


def test_a_fee_is_paid_in_parts(cpts, scale):
    made = call(cpts)

    pay(made, "12.50")
    assert state_of(made) == FeeState.PARTLY_PAID
    assert state_of(made, DUE_ON) == FeeState.PARTLY_PAID
    assert state_of(made, DUE_ON + timedelta(days=1)) == FeeState.LATE
    pay(made, "7.50")
    assert state_of(made, DUE_ON + timedelta(days=1)) == FeeState.PAID
    pay(made, "0.01")
    assert state_of(made) == FeeState.OVERPAID
    assert [entry.action for entry in AuditEntry.objects.filter(action="members.fee_paid")] == [
        "members.fee_paid"
    ] * 3


def test_a_form_sent_twice_pays_once(cpts, scale):
    made, once = call(cpts), uuid4()
    first = pay(made, once=once)
    before = counts()

    assert pay(made, once=once) == first
    assert counts() == before


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("amount", {"amount": 0}),
        ("amount", {"amount": -5}),
        ("amount", {"amount": "0.001"}),
        ("amount", {"amount": 100_001}),
        ("paid_on", {"paid_on": TODAY + timedelta(days=1)}),
        ("paid_on", {"paid_on": date(2024, 12, 31)}),
        ("means", {"means": "troc"}),
        ("reference", {"reference": "x" * 101}),
    ],
)
def test_a_wrong_payment_is_refused_beside_its_field(cpts, scale, field, values):
    made = call(cpts)

    with pytest.raises(ValidationError) as refused:
        pay(made, **values)
    assert list(refused.value.message_dict) == [field]
    assert not FeePayment.objects.exists()


def test_a_cancelled_call_takes_no_money(cpts, scale):
    made = call(cpts)
    cancel_call(made, "Essai", by=keeper_of(cpts), now=NOW)

    with pytest.raises(ValidationError):
        pay(made)
    assert not FeePayment.objects.exists()


def test_a_refund_is_a_counter_entry(cpts, scale):
    made = call(cpts)
    pay(made, 25)

    row = refund_payment(
        made, Decimal(5), TODAY, PaymentMeans.TRANSFER, "Trop versé", by=keeper_of(cpts), now=NOW
    )

    assert (row.amount, row.reason, row.cancels) == (-5, "Trop versé", None)
    assert state_of(made) == FeeState.PAID
    with pytest.raises(ValidationError) as refused:
        refund_payment(made, Decimal(21), TODAY, PaymentMeans.CASH, "Essai", by=keeper_of(cpts), now=NOW)
    assert list(refused.value.message_dict) == ["amount"]


def test_a_payment_is_cancelled_once(cpts, scale):
    made = call(cpts)
    payment = pay(made)

    row = cancel_payment(payment, "Saisi deux fois", by=keeper_of(cpts), now=NOW)
    assert cancel_payment(payment, "Encore", by=keeper_of(cpts), now=NOW) == row
    assert (row.amount, row.cancels) == (-20, payment)
    assert state_of(made) == FeeState.DUE
    with pytest.raises(ValidationError):
        cancel_payment(row, "Non", by=keeper_of(cpts), now=NOW)


def test_a_payment_partly_refunded_is_not_cancelled(cpts, scale):
    made = call(cpts)
    payment = pay(made)
    refund_payment(made, Decimal(5), TODAY, PaymentMeans.CASH, "Essai", by=keeper_of(cpts), now=NOW)

    with pytest.raises(ValidationError, match="remboursée"):
        cancel_payment(payment, "Essai", by=keeper_of(cpts), now=NOW)


@pytest.mark.parametrize("role", [Role.BOARD, Role.MEMBER])
def test_only_the_treasurer_and_the_coordination_write(cpts, scale, role):
    made, by = call(cpts), Actor(role=role, cpts_id=cpts.pk)
    before = counts()

    for write in (
        lambda: call_member(made.member, YEAR, by=by, now=NOW),
        lambda: cancel_call(made, "Essai", by=by, now=NOW),
        lambda: record_payment(made, Decimal(1), TODAY, PaymentMeans.CASH, by=by, now=NOW),
        lambda: exempt_member(made.member, YEAR, "Essai", by=by, now=NOW),
    ):
        with pytest.raises(RefusedError):
            write()
    assert counts() == before


# What the base refuses

_MONEY = "members_feecall_cancellation_says_why"


def _call_row(scale, **values):
    return FeeCall(
        **{
            "cpts_id": scale.cpts_id,
            "member": values.get("member") or MemberFactory(cpts=scale.cpts, number=99),
            "scale": scale,
            "year": YEAR,
            "number": 9,
            "amount": 20,
            "called_on": TODAY,
            "due_on": DUE_ON,
            "recorded_at": NOW,
        }
        | values
    )


def _payment_row(scale, **values):
    call = FeeCall.objects.filter(scale=scale).first() or _saved(_call_row(scale))
    return FeePayment(
        **{"call": call, "amount": 20, "paid_on": TODAY, "means": "cash", "recorded_at": NOW} | values
    )


def _balance_row(scale, **values):
    return FeeBalance(call=_saved(_call_row(scale)), **values)


def _scale_row(scale, **values):
    named = {
        "cpts": scale.cpts, "year": YEAR, "category": "benefactor", "amount": 1, "due_on": DUE_ON,
        "decided_on": TODAY, "decision_reference": "R", "recorded_at": NOW,
    }  # fmt: skip
    return FeeScale(**named | values)


def _campaign_row(scale, **values):
    return FeeCampaign(**{"cpts": scale.cpts, "year": YEAR} | values)


def _exemption_row(scale, **values):
    member = MemberFactory(cpts=scale.cpts, number=98)
    return FeeExemption(**{"member": member, "year": YEAR, "reason": "R", "recorded_at": NOW} | values)


def _notice_row(scale, **values):
    call = FeeCall.objects.filter(scale=scale).first() or _saved(_call_row(scale))
    return FeeNotice(**{"call": call, "step": "call", "due_on": DUE_ON, "created_at": NOW} | values)


def _line_row(scale, **values):
    file = _saved(BankFile(cpts=scale.cpts, name="releve.csv", imported_at=NOW))
    named = {
        "file": file, "cpts": scale.cpts, "row": 2, "fingerprint": "a" * 64, "paid_on": TODAY, "amount": 20,
        "confidence": "none", "reason": "R",
    }  # fmt: skip
    return BankLine(**named | values)


def _saved(row):
    row.save()
    return row


@pytest.mark.parametrize(
    ("constraint", "make", "values"),
    [
        ("members_feescale_year_possible", _scale_row, {"year": 1999}),
        ("members_feescale_amounts_possible", _scale_row, {"amount": -1}),
        ("members_feescale_category_known", _scale_row, {"category": "rich"}),
        ("members_feescale_kind_known", _scale_row, {"kind": "robot"}),
        ("members_feescale_cites_decision", _scale_row, {"decision_reference": ""}),
        ("members_feecampaign_steps_in_order", _campaign_row, {"second_after": 15}),
        (_MONEY, _call_row, {"amount": 0}),
        (_MONEY, _call_row, {"entry_fee": 21}),
        (_MONEY, _call_row, {"reason": "R"}),
        ("members_feecall_year_possible", _call_row, {"year": 1999}),
        ("members_feecall_due_after_called", _call_row, {"due_on": TODAY - timedelta(days=1)}),
        ("members_feepayment_amount_possible", _payment_row, {"amount": 0}),
        ("members_feepayment_counter_entry_says_why", _payment_row, {"amount": -1}),
        ("members_feepayment_counter_entry_says_why", _payment_row, {"reason": "R"}),
        ("members_feebalance_not_negative", _balance_row, {"paid": -1}),
        ("members_feepayment_means_known", _payment_row, {"means": "barter"}),
        ("members_feeexemption_says_why", _exemption_row, {"reason": ""}),
        ("members_feeexemption_year_possible", _exemption_row, {"year": 1999}),
        ("members_feeexemption_dates_in_order", _exemption_row, {"withdrawn_at": NOW - timedelta(days=1)}),
        ("members_feenotice_state_known", _notice_row, {"step": "third"}),
        ("members_feenotice_sent_is_dated", _notice_row, {"state": "sent", "attempts": 1, "tried_at": NOW}),
        ("members_feenotice_tried_is_dated", _notice_row, {"state": "claimed"}),
        ("members_bankline_fingerprint_whole", _line_row, {"fingerprint": "a"}),
        ("members_bankline_amount_possible", _line_row, {"amount": -1}),
        ("members_bankline_recorded_has_payment", _line_row, {"state": "recorded"}),
        ("members_bankline_match_has_confidence", _line_row, {"confidence": "sure"}),
    ],
)
def test_the_base_refuses_what_is_impossible(scale, constraint, make, values):
    row = make(scale, **values)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("constraint", "columns", "make"),
    [
        ("members_feescale_first_once", "kind", lambda scale: _scale_row(scale)),
        (
            "members_feescale_first_of_college_once",
            "college_id",
            lambda scale: _scale_row(
                scale, college=scale.cpts.colleges.first() or VotingCollegeFactory(cpts=scale.cpts)
            ),
        ),
        ("members_feecampaign_once", "year", lambda scale: _campaign_row(scale)),
        ("members_feecall_number_once", "number", lambda scale: _numbered(scale)),
        ("members_feecall_once_a_year", "member_id", lambda scale: _same_member(scale)),
        ("members_feenotice_once", "step", lambda scale: _notice_row(scale)),
        ("members_bankline_once", "fingerprint", lambda scale: _line_row(scale)),
        ("members_feeexemption_once", "member_id", lambda scale: _same_exemption(scale)),
    ],
)
def test_the_base_keeps_one_of_each(scale, constraint, columns, make):
    make(scale).save()
    again = make(scale)

    # SQLite names the columns of a unique constraint instead.
    with pytest.raises(IntegrityError, match=f"{constraint}|{columns}"), transaction.atomic():
        again.save()


def _numbered(scale):
    taken = scale.cpts.members.count()
    return _call_row(scale, member=MemberFactory(cpts=scale.cpts, number=200 + taken))


def _same_member(scale):
    member = scale.cpts.members.first() or MemberFactory(cpts=scale.cpts)
    return _call_row(scale, member=member, number=FeeCall.objects.count() + 1)


def _same_exemption(scale):
    member = scale.cpts.members.first() or MemberFactory(cpts=scale.cpts)
    return FeeExemption(member=member, year=YEAR, reason="R", recorded_at=NOW)
