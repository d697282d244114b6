"""What the home pages say of the money of a CPTS."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from aci.models import Contract
from core.organisations.models import Cpts
from core.ui.charts import StackedBars
from core.ui.formatting import euros, long_date
from cpts.dashboards.page import Stat, Todo, Urgency
from funding.charts import calendar_year_chart
from funding.domain.followed_lines import FollowedLine, ScheduleSummary, followed_lines, summary_of
from funding.engine import by_calendar_year
from funding.enums import LineState
from funding.models import Statement

_NEAR = timedelta(days=60)


@dataclass(frozen=True)
class Money:
    """The contract that runs, or the latest, and where its schedule stands today."""

    cpts: Cpts
    contract: Contract
    lines: tuple[FollowedLine, ...]
    summary: ScheduleSummary

    @property
    def stats(self) -> list[Stat]:
        """The total, what came in, what is next."""
        summary = self.summary
        next_due = summary.next_due
        return [
            Stat("Total du contrat", euros(summary.total), f"{self.contract}, cinq ans"),
            Stat("Déjà reçu", euros(summary.received)),
            Stat(
                "Prochaine échéance",
                euros(next_due.pending_amount) if next_due else "Aucune",
                long_date(next_due.day) if next_due else "Le contrat est à son terme.",
            ),
        ]

    @property
    def chart(self) -> StackedBars:
        """What falls due each civil year, by share."""
        return calendar_year_chart(by_calendar_year(self.lines))

    def todos(self, today: date) -> Iterator[Todo]:
        """What is late, what is awaited, what comes soon."""
        summary = self.summary
        if summary.late:
            yield self._todo(
                Urgency.LATE,
                f"{euros(summary.late)} auraient dû arriver",
                "Le délai de versement est passé\u00a0: écrivez à la CPAM, ou enregistrez ce qui est arrivé.",
                LineState.LATE,
            )
        if summary.expected:
            yield self._todo(
                Urgency.SOON,
                f"{euros(summary.expected)} sont attendus",
                f"À verser au plus tard le {long_date(self._payable_by(LineState.EXPECTED))}.",
                LineState.EXPECTED,
            )
        due = summary.next_due
        if due and due.day - today <= _NEAR:
            detail = f"{euros(due.pending_amount)} arrivent à échéance."
            yield self._todo(Urgency.NEXT, f"Échéance du {long_date(due.day)}", detail, LineState.COMING)

    def _payable_by(self, state: LineState) -> date:
        return min(line.payable_by for line in self.lines if line.state is state)

    def _todo(self, urgency: Urgency, title: str, detail: str, state: LineState) -> Todo:
        url = f"{reverse('contract:schedule', args=[self.cpts.slug])}?etat={state}"
        return Todo(urgency, title, detail, url, "Voir les lignes")


def contract_of(cpts: Cpts, today: date) -> Contract | None:
    """Return the contract that runs on a day, else the latest signed, with its terms."""
    contracts = Contract.objects.with_terms().filter(cpts=cpts)
    return contracts.running(today).first() or contracts.order_by("-signed_on").first()


def money_of(cpts: Cpts, contract: Contract | None, today: date) -> Money | None:
    """Return where the money of a contract stands, None before its first statement."""
    statement = Statement.objects.latest_of(contract.pk) if contract else None
    if contract is None or statement is None:
        return None
    lines = followed_lines(statement, today=today)
    return Money(cpts, contract, lines, summary_of(lines))
