"""What the treasurer is told, word for word."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from aci.models import Contract
from core.organisations.models import Cpts
from funding.engine import DueDate, InstalmentKind, LineKey, ScheduleLine, Share
from funding.notifications import due_message

DAY = date(2024, 3, 15)
LINE = ScheduleLine(
    key=LineKey(1, "parcours", Share.FIXED, InstalmentKind.ADVANCE, rank=1),
    due_on=DAY,
    payable_by=date(2024, 5, 15),
    mission_label="Parcours",
    amount=Decimal("-1200.50"),
    explanation="Essai.",
)


@pytest.fixture
def contract():
    return Contract(pk=7, cpts=Cpts(slug="littoral"))


def due(*amounts):
    return DueDate(DAY, tuple(replace(LINE, amount=Decimal(amount)) for amount in amounts))


def test_money_to_give_back_is_said_so(contract):
    message = due_message(contract, [due("-1200.50")])

    assert message.title == "Échéance du 15 mars 2024\u00a0: 1\u202f200,50\u00a0€ à reverser"
    assert "- Parcours, volet fixe, régularisation\u00a0: −1\u202f200,50\u00a0€" in message.body
    assert message.path == "/cpts/littoral/echeancier/?contrat=7"
    assert message.key == "funding.due:7:2024-03-15"


def test_lines_that_cancel_each_other_leave_nothing_to_expect(contract):
    assert due_message(contract, [due("100.00", "-100.00")]).title.endswith("0,00\u00a0€ attendus")


def test_several_days_are_one_message(contract):
    later = replace(LINE, due_on=date(2025, 3, 15), amount=Decimal("300.00"))

    message = due_message(contract, [due("100.00"), DueDate(later.due_on, (later,))])

    assert message.title == "2 échéances arrivées depuis le 15 mars 2024\u00a0: 400,00\u00a0€ en tout"
    assert message.body.count("\n") == 1
    assert message.key == "funding.due:7:2024-03-15..2025-03-15"
