"""The database refuses impossible money."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from funding.enums import Occasion
from funding.models import DueNotice, Receipt, ReceiptLine, Statement, StatementLine
from tests.factories.funding import NOW, receive, sign

pytestmark = pytest.mark.django_db

_STATEMENTS = [
    ("funding_statement_occasion_known", {"occasion": "whim"}),
    ("funding_statement_numbers_in_range", {"version": 0}),
    ("funding_statement_numbers_in_range", {"contract_year": 0}),
    ("funding_statement_numbers_in_range", {"contract_year": 7}),
    ("funding_statement_change_has_reason", {"reason": ""}),
    ("funding_statement_fingerprint_whole", {"fingerprint": "abc"}),
]
_LINES = [
    ("funding_statementline_is_worth_something", {"amount": 0}),
    ("funding_statementline_adjustment_settles", {"settles": "full"}),
    ("funding_statementline_adjustment_settles", {"rank": 1}),
    ("funding_statementline_adjustment_settles", {"kind": "adjustment", "settles": "full"}),
    ("funding_statementline_adjustment_settles", {"kind": "adjustment", "rank": 1}),
    ("funding_statementline_only_adjustments_below_zero", {"amount": -1}),
]
_ONCE = {
    "funding_statement_version_once",
    "funding_statement_once_per_anniversary",
    "funding_statement_once_at_signature",
    "funding_statementline_position_once",
    "funding_statementline_key_once",
    "funding_receiptline_once",
    "funding_receipt_cancellation_says_why",
    "funding_duenotice_once",
}


@pytest.fixture
def contract(cpts):
    return sign(cpts)


def a_change(contract, **values):
    """Return a change that could be stored, but for `values`."""
    first = Statement.objects.get(contract=contract, version=1)
    given = {
        "version": 2,
        "occasion": Occasion.CHANGE,
        "contract_year": 4,
        "as_of": date(2026, 3, 20),
        "reason": "Essai",
        "inputs": first.inputs,
        "texts": first.texts,
        "engine_version": "1.0.0",
        "total": 1,
        "fingerprint": "0" * 64,
        "established_at": NOW,
    }
    return Statement(contract=contract, **{**given, **values})


def a_line(statement, **values):
    """Return a line that could be stored, but for `values`."""
    given = {
        "position": 900,
        "due_on": date(2023, 3, 15),
        "payable_by": date(2023, 5, 15),
        "contract_year": 1,
        "mission": "essai",
        "mission_label": "Essai",
        "share": "fixed",
        "kind": "full",
        "amount": 1,
        "explanation": "Essai.",
    }
    return StatementLine(statement=statement, **{**given, **values})


def refused(name, row):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(("name", "wrong"), _STATEMENTS)
def test_an_impossible_statement_is_refused(contract, name, wrong):
    a_change(contract).save()
    version = 3 if "version" not in wrong else 0

    refused(name, a_change(contract, **{"version": version, **wrong}))

    assert Statement.objects.count() == 2


@pytest.mark.parametrize(("name", "wrong"), _LINES)
def test_an_impossible_line_is_refused(contract, name, wrong):
    statement = Statement.objects.get()
    a_line(statement).save()
    before = StatementLine.objects.count()

    refused(name, a_line(statement, **{"position": 901, "mission": "autre", **wrong}))

    assert StatementLine.objects.count() == before


def test_what_exists_once_exists_once(contract):
    statement = Statement.objects.get()
    line = a_line(statement)
    line.save()
    receipt = receive(contract, date(2023, 3, 15))
    a_change(contract, occasion=Occasion.ANNIVERSARY, contract_year=2).save()
    # The same day may begin another year, the same year another day: of a contract signed otherwise.
    turned = {"occasion": Occasion.ANNIVERSARY, "contract_year": 2}
    a_change(contract, **{**turned, "version": 3, "contract_year": 3}).save()
    a_change(contract, **{**turned, "version": 4, "as_of": date(2026, 3, 21)}).save()
    DueNotice.objects.create(contract=contract, due_on=date(2023, 3, 15), told_at=NOW)

    refused("version", a_change(contract))
    refused("contract_id.*as_of|anniversary", a_change(contract, **turned, version=5))
    refused("contract_id|signature", a_change(contract, version=5, occasion=Occasion.SIGNATURE))
    refused("position", a_line(statement, mission="autre"))
    refused("mission|key", a_line(statement, position=901))
    refused("receipt_id|once", ReceiptLine(receipt=receipt, line=receipt.lines.first().line))
    refused("due_on|once", DueNotice(contract=contract, due_on=date(2023, 3, 15), told_at=NOW))


@pytest.mark.parametrize(("cancels", "reason"), [(False, "Pour rien"), (True, "")])
def test_a_cancellation_says_why(contract, cancels, reason):
    receipt = receive(contract, date(2023, 3, 15))
    values = {"received_on": receipt.received_on, "amount": -1, "recorded_at": NOW, "reason": reason}

    refused(
        "funding_receipt_cancellation_says_why",
        Receipt(contract=contract, cancels=receipt if cancels else None, **values),
    )


def test_every_constraint_is_expected_by_name():
    tested = {name for name, _ in (*_STATEMENTS, *_LINES)} | _ONCE
    models = (Statement, StatementLine, Receipt, ReceiptLine, DueNotice)

    assert {each.name for model in models for each in model._meta.constraints} == tested
