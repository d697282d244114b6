"""Several people at once on the fees of a CPTS: one call each, each payment once, no money lost."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from core.audit.domain.chains import chain_faults
from members.domain.bank_files import confirm_line, import_bank_file
from members.domain.fee_calls import call_member, cancel_call, received
from members.domain.fee_payments import cancel_payment, refund_payment
from members.domain.fee_reminders import look_at_fees
from members.enums import PaymentMeans
from members.models import BankLine, FeeCall, FeeNotice, FeePayment
from tests.factories.fees import DUE_ON, NOW, TODAY, YEAR, call, join, keeper_of, pay, set_scale_of
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once, shared_base

__all__ = ["shared_base"]
pytestmark = pytest.mark.usefixtures("shared_base")
PEOPLE = 4


@pytest.fixture
def cpts(shared_base):
    cpts = CptsFactory()
    set_scale_of(cpts)
    # The journal is opened and the treasurer appointed: what is tried is what comes after.
    keeper_of(cpts)
    return cpts


def test_clicks_at_once_make_one_call(cpts):
    member, by = join(cpts), keeper_of(cpts)

    made = at_once([lambda: call_member(member, YEAR, by=by, now=NOW)] * PEOPLE)

    assert {each.pk for each in made} == {FeeCall.objects.get().pk}
    assert FeeNotice.objects.count() == 1


def test_calls_at_once_follow_each_other(cpts):
    members, by = [join(cpts) for _ in range(PEOPLE)], keeper_of(cpts)

    made = at_once([lambda one=one: call_member(one, YEAR, by=by, now=NOW) for one in members])

    assert sorted(each.number for each in made) == [1, 2, 3, 4]
    assert list(chain_faults()) == []


def test_two_treasurers_record_two_payments_and_a_double_click_one(cpts):
    made, once = call(cpts), uuid4()

    at_once([lambda: pay(made, 5), lambda: pay(made, 5)])
    at_once([lambda: pay(made, 2, once=once)] * PEOPLE)

    assert sorted(FeePayment.objects.values_list("amount", flat=True)) == [2, 5, 5]


def test_no_more_than_what_came_in_goes_back(cpts):
    made, by = call(cpts), keeper_of(cpts)
    payment = pay(made)

    def refund():
        return refund_payment(made, Decimal(15), TODAY, PaymentMeans.CASH, "Essai", by=by, now=NOW)

    answers = at_once([refund, refund, lambda: cancel_payment(payment, "Essai", by=by, now=NOW)])

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 2
    assert received(made) in (0, 5)


def test_a_call_is_not_cancelled_while_it_is_paid(cpts):
    made, by = call(cpts), keeper_of(cpts)

    answers = at_once([lambda: pay(made), lambda: cancel_call(made, "Essai", by=by, now=NOW)])

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 1
    assert FeePayment.objects.exists() != FeeCall.objects.filter(cancels=made).exists()


def test_two_schedulers_write_each_reminder_once(cpts):
    for _ in range(3):
        call(cpts)
    day = NOW + (DUE_ON - TODAY) + timedelta(days=15)

    written = at_once([lambda: look_at_fees(now=day)] * PEOPLE)

    assert sorted(written) == [0, 0, 0, 3]


def test_a_line_confirmed_by_several_is_counted_once(cpts):
    made, by = call(cpts), keeper_of(cpts)
    file = BytesIO(b"Date;Credit\n28/02/2026;20\n")
    import_bank_file(cpts, file, filename="releve.csv", by=by, now=NOW)
    line = BankLine.objects.select_related("cpts").get()

    at_once([lambda: confirm_line(line, made, by=by, now=NOW)] * PEOPLE)

    assert FeePayment.objects.count() == 1
