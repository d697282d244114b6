"""The treasurer, the coordinator and the scheduler at the very same time: each waits for its turn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from time import sleep

import pytest

from aci.domain.attainments import record_attainments
from aci.domain.contracts import revise_contract
from aci.models import Contract
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from funding.domain import receipts
from funding.domain.anniversaries import look_at_contracts
from funding.domain.receipts import received_lines, record_receipt
from funding.domain.statements import stored_lines
from funding.models import DueNotice, Receipt, Statement
from tests.factories.contracts import coordinator_of
from tests.factories.funding import EXAMPLE_A, NOW, sign, treasurer_of
from tests.factories.people import CptsFactory, assign
from tests.factories.threads import at_once

SIGNATURE = date(2023, 3, 15)


@pytest.fixture
def contract(shared_base: None) -> Contract:
    """Return a contract recorded today, whose three anniversaries are still to be stated."""
    cpts = CptsFactory()
    assign(Role.TREASURER, cpts)
    return sign(cpts)


def rates(contract: Contract) -> Callable[[], object]:
    given = {"acces_soins": Decimal("0.9")}
    by = coordinator_of(contract.cpts)
    return lambda: record_attainments(contract, 1, given, "Dialogue", by=by, now=NOW, replacing={})


def receipt(contract: Contract) -> Callable[[], object]:
    line = Statement.objects.latest_of(contract.pk).lines.get(due_on=SIGNATURE)
    by = treasurer_of(contract.cpts)
    return lambda: record_receipt(contract, [line.pk], SIGNATURE, "VIR", by=by, now=NOW)


def revision(contract: Contract) -> Callable[[], object]:
    """The signature corrected: the one change that takes the whole row of the contract."""
    values = replace(EXAMPLE_A, signed_on=date(2023, 3, 14), size=3, computed_size=3)
    by = coordinator_of(contract.cpts)
    return lambda: revise_contract(contract, values, revision=1, reason="Essai", by=by, now=NOW)


def test_a_receipt_and_rates_at_once_do_not_wait_for_each_other(contract, monkeypatch):
    """Rates hold the journal when they come to the contract: a receipt must not come the other way round."""
    write = receipts._record

    def slowly(*args, **values):
        sleep(0.5)
        write(*args, **values)

    monkeypatch.setattr(receipts, "_record", slowly)

    results = at_once([receipt(contract), rates(contract)])

    refused = [result for result in results if isinstance(result, Exception)]
    assert all(type(fault) is StaleError for fault in refused), refused
    assert Receipt.objects.count() + len(refused) == 1
    assert list(chain_faults()) == []


def test_receipts_rates_revisions_and_two_schedulers_at_once(contract):
    look = lambda: look_at_contracts(now=NOW)  # noqa: E731  # one of the calls, as the others

    results = at_once([rates(contract), receipt(contract), revision(contract), look, look])

    refused = [result for result in results if isinstance(result, Exception)]
    assert all(type(fault) is StaleError for fault in refused), refused
    assert len(refused) <= 1  # the receipt, when a new statement took the place of the one shown
    assert Receipt.objects.count() + len(refused) == 1
    statements = list(Statement.objects.order_by("version"))
    assert [each.version for each in statements] == list(range(1, len(statements) + 1))
    assert [each.version for each in statements if each.occasion == "signature"] == [1]
    made = [(each.as_of, each.contract_year) for each in statements if each.occasion == "anniversary"]
    # Looked at before the signature was corrected, after it, or both.
    days = [{(date(2022 + year, 3, day), year) for year in (2, 3, 4)} for day in (14, 15)]
    assert len(made) == len(set(made))
    assert set(made) in (*days, days[0] | days[1])
    assert set(received_lines(contract)) <= set(stored_lines(statements[-1]))
    assert DueNotice.objects.count() == DueNotice.objects.values("due_on").distinct().count()
    established = AuditEntry.objects.filter(action="funding.statement_established").count()
    assert established == len(statements)
    assert list(chain_faults()) == []
