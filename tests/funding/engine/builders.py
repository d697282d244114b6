"""The two published texts and contracts to vary, for the tests of the calculation."""

from dataclasses import replace
from datetime import date
from typing import Any

from funding.domain.baremes import published_baremes
from funding.engine import Bareme, ContractTerms, PaymentSchedule, compute_schedule

ACI_2019, AVENANT_2 = published_baremes()
SIGNATURE = date(2023, 3, 15)


def contract(**terms: Any) -> ContractTerms:
    """A size 1 contract signed on 15 March 2023, without mission unless given."""
    return ContractTerms(**{"signed_on": SIGNATURE, "size": 1, "missions": {}} | terms)


def schedule(**terms: Any) -> PaymentSchedule:
    """The schedule of such a contract under the published texts."""
    return compute_schedule(contract(**terms), published_baremes())


def with_rules(bareme: Bareme, **rules: Any) -> Bareme:
    """The same text with other payment rules."""
    return replace(bareme, payment_rules=replace(bareme.payment_rules, **rules))


def lines_of(computed: PaymentSchedule, mission: str) -> list[tuple[str, int, str, str, str]]:
    """The lines of one mission: due date, contract year, share, kind, amount."""
    return [
        (line.due_on.isoformat(), line.contract_year, line.share.value, line.kind.value, str(line.amount))
        for line in computed.instalments
        if line.mission == mission
    ]
