"""Money that came in is recorded once, and what was received is never altered."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.access.verdict import RefusedError, StaleError
from core.audit.models import AuditEntry
from funding.domain.receipts import (
    ReceiptError,
    cancel_receipt,
    received_keys,
    received_lines,
    record_receipt,
)
from funding.domain.statements import stored_lines
from funding.models import Receipt, ReceiptLine, Statement
from tests.factories.funding import NOW, TODAY, change, receive, sign, treasurer_of

pytestmark = pytest.mark.django_db
SIGNATURE, START, FIRST = date(2023, 3, 15), date(2023, 9, 15), date(2024, 3, 15)


@pytest.fixture
def contract(cpts):
    return sign(cpts)


def line_ids(contract, *due_on):
    lines = Statement.objects.latest_of(contract.pk).lines.filter(due_on__in=due_on)
    return list(lines.values_list("pk", flat=True))


def record(contract, line_ids, received_on=SIGNATURE, reference="VIR 1", by=None, now=NOW):
    return record_receipt(
        contract, line_ids, received_on, reference, by=by or treasurer_of(contract.cpts), now=now
    )


def everything():
    tables = (Receipt, ReceiptLine, Statement)
    return [list(table.objects.order_by("pk").values()) for table in tables], AuditEntry.objects.count()


def test_a_receipt_is_worth_its_lines(contract):
    receipt = record(contract, line_ids(contract, SIGNATURE, START), received_on=START)

    assert (receipt.contract, receipt.received_on, receipt.reference) == (contract, START, "VIR 1")
    assert (receipt.amount, receipt.recorded_at, receipt.cancels) == (Decimal("99159.84"), NOW, None)
    assert sorted(receipt.lines.values_list("line", flat=True)) == line_ids(contract, SIGNATURE, START)


def test_it_is_in_the_journal_once(contract):
    receipt = record(contract, line_ids(contract, SIGNATURE))

    entry = AuditEntry.objects.get(action="funding.receipt_recorded")
    assert (entry.target_id, entry.chain) == (str(receipt.pk), f"cpts-{contract.cpts_id}")
    assert entry.changes == {
        "received_on": [None, "2023-03-15"],
        "amount": [None, "60000.00"],
        "reference": [None, "VIR 1"],
    }


def test_what_was_received_is_known_from_a_statement_to_the_next(contract):
    receive(contract, SIGNATURE)
    lines = received_lines(contract)
    change(contract, size=3, computed_size=3)

    assert received_lines(contract) == lines == (stored_lines(Statement.objects.first())[0],)
    assert received_keys(contract) == {lines[0].key}
    assert str(lines[0].amount) == "60000.00"


def test_a_second_click_gives_the_same_receipt_once(contract):
    first = record(contract, line_ids(contract, SIGNATURE, START), received_on=START)
    before = everything()

    assert record(contract, line_ids(contract, START, SIGNATURE), received_on=START) == first

    assert everything() == before


@pytest.mark.parametrize(
    ("due_on", "values"),
    [
        ([START], {"reference": "VIR 2"}),
        ([START], {"received_on": TODAY}),
        ([SIGNATURE, START], {}),
        ([FIRST, START], {}),
    ],
)
def test_a_line_is_received_once(contract, due_on, values):
    record(contract, line_ids(contract, START), received_on=START)
    before = everything()

    with pytest.raises(ReceiptError) as refusal:
        record(contract, line_ids(contract, *due_on), **{"received_on": START, **values})

    assert refusal.value.errors == {
        "lines": "Déjà reçu\u00a0: «\u00a0Accès aux soins\u00a0», «\u00a0Crises sanitaires graves\u00a0». "
        "Rechargez l’échéancier."
    }
    assert everything() == before


def test_an_amount_pasted_from_a_page_is_a_reference(contract):
    pasted = "Virement de 60\u202f000,00\u00a0€"

    assert record(contract, line_ids(contract, SIGNATURE), reference=pasted).reference == pasted


def test_part_of_a_receipt_is_not_the_same_receipt(contract):
    record(contract, line_ids(contract, SIGNATURE, START), received_on=START)

    with pytest.raises(ReceiptError):
        record(contract, line_ids(contract, START), received_on=START)


def test_a_line_received_in_an_older_statement_is_received(contract):
    receive(contract, SIGNATURE)
    change(contract, size=3, computed_size=3)

    with pytest.raises(ReceiptError, match="Déjà reçu"):
        record(contract, line_ids(contract, SIGNATURE))


def test_lines_of_a_statement_that_was_replaced_are_stale(contract):
    shown = line_ids(contract, SIGNATURE)
    change(contract, size=3, computed_size=3)
    before = everything()

    with pytest.raises(StaleError):
        record(contract, shown)

    assert everything() == before


def test_lines_of_another_contract_are_refused(contract, other_cpts):
    foreign = line_ids(sign(other_cpts), SIGNATURE)
    before = everything()

    for wrong in (foreign, [*line_ids(contract, SIGNATURE), *foreign], [0], [10**12]):
        with pytest.raises(ReceiptError, match="n’est pas dans l’échéancier"):
            record(contract, wrong)

    assert everything() == before


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"line_ids": []}, "lines", "Choisissez au moins une échéance reçue."),
        ({"received_on": TODAY + timedelta(days=1)}, "received_on", "cette date est à venir"),
        ({"received_on": SIGNATURE - timedelta(days=1)}, "received_on", "signé le 15 mars 2023"),
        ({"reference": "x" * 101}, "reference", "tient en 100\u00a0caractères"),
        ({"reference": "VIR\x00"}, "reference", "ne s’imprime pas"),
        ({"reference": "VIR\n2"}, "reference", "ne s’imprime pas"),
    ],
)
def test_bad_input_is_refused_with_its_reason(contract, values, field, sentence):
    before = everything()

    with pytest.raises(ReceiptError) as refusal:
        record(contract, **{"line_ids": line_ids(contract, SIGNATURE), **values})

    assert list(refusal.value.errors) == [field]
    assert sentence in refusal.value.errors[field]
    assert everything() == before


def test_every_fault_is_said_together(contract):
    with pytest.raises(ReceiptError) as refusal:
        record(contract, [], received_on=date(2000, 1, 1), reference="x" * 101)

    assert set(refusal.value.errors) == {"lines", "received_on", "reference"}


def test_the_day_of_the_receipt_is_that_of_paris(contract):
    late_evening = NOW.replace(hour=23, minute=30)

    receipt = record(
        contract, line_ids(contract, SIGNATURE), received_on=TODAY + timedelta(days=1), now=late_evening
    )

    assert receipt.received_on == date(2026, 3, 21)


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.BOARD, Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR]
)
def test_the_treasurer_alone_records_and_cancels(contract, role):
    receipt = receive(contract, SIGNATURE)
    before = everything()
    actor = Actor(role=role, user_id=1, cpts_id=contract.cpts_id)

    with pytest.raises(RefusedError, match="trésorerie"):
        record(contract, line_ids(contract, START), by=actor)
    with pytest.raises(RefusedError, match="trésorerie"):
        cancel_receipt(receipt, "Erreur", by=actor, now=NOW)

    assert everything() == before


def test_the_treasurer_of_another_cpts_is_refused(contract, other_cpts):
    with pytest.raises(RefusedError):
        record(contract, line_ids(contract, START), by=treasurer_of(other_cpts))
    with pytest.raises(RefusedError):
        record(contract, line_ids(contract, START), by=PLATFORM)


# --- Taken back -----------------------------------------------------------------------------------


def cancel(receipt, reason="Saisi deux fois", now=NOW):
    return cancel_receipt(receipt, reason, by=treasurer_of(receipt.contract.cpts), now=now)


def test_a_cancellation_is_a_second_receipt_of_the_opposite_amount(contract):
    receipt = receive(contract, SIGNATURE)
    before = Receipt.objects.filter(pk=receipt.pk).values().get()

    cancellation = cancel(receipt)

    assert (cancellation.cancels, cancellation.amount) == (receipt, Decimal("-60000.00"))
    assert (cancellation.reason, cancellation.recorded_at) == ("Saisi deux fois", NOW)
    assert cancellation.lines.count() == 0
    assert Receipt.objects.filter(pk=receipt.pk).values().get() == before
    assert received_lines(contract) == ()
    entry = AuditEntry.objects.get(action="funding.receipt_cancelled")
    assert (entry.note, entry.changes["cancels"]) == ("Saisi deux fois", [None, receipt.pk])


def test_its_lines_may_be_received_again(contract):
    cancel(receive(contract, SIGNATURE))

    again = record(contract, line_ids(contract, SIGNATURE), reference="VIR 2")

    assert {line.key for line in received_lines(contract)} == received_keys(contract)
    assert len(received_lines(contract)) == 1
    assert again.amount == Decimal("60000.00")


def test_a_second_cancellation_is_the_first(contract):
    receipt = receive(contract, SIGNATURE)
    first = cancel(receipt)
    before = everything()

    assert cancel(receipt, reason="Encore") == first

    assert everything() == before


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "\x00"])
def test_a_cancellation_says_why(contract, reason):
    receipt = receive(contract, SIGNATURE)
    before = everything()

    with pytest.raises(ReceiptError) as refusal:
        cancel(receipt, reason=reason)

    assert list(refusal.value.errors) == ["reason"]
    assert everything() == before


def test_a_cancellation_is_not_cancelled(contract):
    cancellation = cancel(receive(contract, SIGNATURE))
    before = everything()

    with pytest.raises(ReceiptError, match="ne s’annule pas"):
        cancel(cancellation)

    assert everything() == before


def test_what_is_taken_back_leaves_the_next_statement(contract):
    receipt = receive(contract, SIGNATURE)
    change(contract, size=3, computed_size=3)
    cancel(receipt)

    third = change(contract, size=2, computed_size=2)

    assert not third.lines.filter(kind="adjustment").exists()
    assert not third.lines.filter(received=True).exists()
    assert third.total == Decimal("1170147.54")
