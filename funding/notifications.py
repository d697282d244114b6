"""What the treasurer is told about money: the texts, and under which occasion each is told once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from aci.models import Contract
from core.ui.formatting import euros, long_date
from funding.engine import CONTRACT_YEARS, DueDate, ScheduleLine, total_amount
from funding.enums import Occasion, payment_words
from funding.models import Statement

_OCCASIONS = {
    Occasion.SIGNATURE: "à la signature du contrat",
    Occasion.ANNIVERSARY: "à la date anniversaire",
    Occasion.CHANGE: "après un changement",
}


@dataclass(frozen=True)
class Message:
    """A message to write: `key` names the occasion, `path` is the page of ours to open."""

    key: str
    title: str
    body: str
    path: str


def statement_message(statement: Statement) -> Message:
    """Return the message that tells a new statement."""
    contract = statement.contract
    sentences = [
        f"Le décompte n°\u00a0{statement.version} est établi, arrêté au {long_date(statement.as_of)}.",
        _year_words(statement),
        f"Total du contrat\u00a0: {euros(statement.total)}.",
        f"Ce qui a changé\u00a0: {statement.reason}." if statement.reason else "",
        "Son PDF est prêt dans quelques instants.",
    ]
    return Message(
        key=f"funding.statement:{statement.pk}",
        title=f"Décompte n°\u00a0{statement.version} établi {_OCCASIONS[Occasion(statement.occasion)]}",
        body="\n".join(filter(None, sentences)),
        path=_path("statement", contract, statement.version),
    )


def _year_words(statement: Statement) -> str:
    if statement.occasion != Occasion.ANNIVERSARY:
        return ""
    if statement.contract_year > CONTRACT_YEARS:
        return "Le contrat est arrivé à son terme\u00a0: il reste les soldes et le volet variable."
    return f"L’année {statement.contract_year} du contrat commence."


def due_message(contract: Contract, due: Sequence[DueDate[ScheduleLine]]) -> Message:
    """Return the message that tells due dates that came: one line each when there are several."""
    days = [each.day for each in due]
    return Message(
        key=f"funding.due:{contract.pk}:{_from_to(days)}",
        title=_due_title(due),
        body="\n".join(_due_body(due)),
        path=_path("schedule", contract),
    )


def _due_title(due: Sequence[DueDate[ScheduleLine]]) -> str:
    if len(due) == 1:
        return f"Échéance du {long_date(due[0].day)}\u00a0: {_expected(due[0])}"
    total = total_amount(line for each in due for line in each.lines)
    return f"{len(due)} échéances arrivées depuis le {long_date(due[0].day)}\u00a0: {euros(total)} en tout"


def _due_body(due: Sequence[DueDate[ScheduleLine]]) -> list[str]:
    if len(due) > 1:
        return [_one_line(each) for each in due]
    return [
        f"{_one_line(due[0])}\n",
        *(f"- {_in_words(line)}\u00a0: {euros(line.amount)}" for line in due[0].lines),
        "\nÀ réception, notez le versement dans l’échéancier.",
    ]


def _one_line(due: DueDate[ScheduleLine]) -> str:
    return (
        f"Échéance du {long_date(due.day)}\u00a0: {_expected(due)}, "
        f"payables au plus tard le {long_date(due.payable_by)}."
    )


def _expected(due: DueDate[ScheduleLine]) -> str:
    """What to look for on the bank account; adjustments may take back more than a day brings."""
    if due.amount < 0:
        return f"{euros(-due.amount)} à reverser"
    return f"{euros(due.amount)} attendus"


def _in_words(line: ScheduleLine) -> str:
    return f"{line.mission_label}, {payment_words(line.share, line.kind).lower()}"


def _from_to(days: Sequence[date]) -> str:
    return "..".join(dict.fromkeys((days[0].isoformat(), days[-1].isoformat())))


def _path(name: str, contract: Contract, *args: object) -> str:
    address = reverse(f"contract:{name}", args=[contract.cpts.slug, *args])
    return f"{address}?{urlencode({'contrat': contract.pk})}"
