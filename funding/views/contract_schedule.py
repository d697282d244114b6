"""The schedule that a request is about: the contract, its statement in force, the lines that filters keep."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from aci.models import Contract
from core.organisations.models import Cpts
from funding.domain.followed_lines import FollowedLine, followed_lines
from funding.forms.schedule import ScheduleFilter
from funding.models import Statement


@dataclass(frozen=True)
class ContractSchedule:
    """A contract of the CPTS and what its statement in force says, as of `today`."""

    cpts: Cpts
    contract: Contract
    contracts: tuple[Contract, ...]
    statement: Statement
    lines: tuple[FollowedLine, ...]
    form: ScheduleFilter
    today: date

    def url(self, name: str, *args: object) -> str:
        """Return the path of a page of this schedule, its filters kept."""
        return f"{reverse(f'contract:{name}', args=[self.cpts.slug, *args])}?{self.form.query}"

    def page(self, name: str, **query: object) -> str:
        """Return the path of a page of this contract, with this query."""
        address = reverse(f"contract:{name}", args=[self.cpts.slug])
        return f"{address}?{urlencode({'contrat': self.contract.pk, **query}, doseq=True)}"

    @property
    def address(self) -> str:
        """The full address of the page."""
        return settings.SITE_URL + self.url("schedule")


def load_schedule(request: HttpRequest, cpts: Cpts) -> ContractSchedule | None:
    """Return the schedule that the address asks for, None while there is no statement to show.

    Raises Http404 on the number of no contract of this CPTS.
    """
    contracts = contracts_of(cpts)
    contract = chosen_contract(request, contracts)
    statement = Statement.objects.latest_of(contract.pk) if contract else None
    if contract is None or statement is None:
        return None
    today = timezone.localdate()
    lines = followed_lines(statement, today=today)
    form = ScheduleFilter(request.GET, lines=lines, contract_id=contract.pk)
    return ContractSchedule(cpts, contract, contracts, statement, lines, form, today)


def contracts_of(cpts: Cpts) -> tuple[Contract, ...]:
    """Return the contracts of a CPTS, the latest signed first."""
    return tuple(Contract.objects.filter(cpts=cpts).order_by("-signed_on"))


def chosen_contract(request: HttpRequest, contracts: tuple[Contract, ...]) -> Contract | None:
    """Return the contract that `?contrat=` names; without it the one that runs, else the latest signed.

    None when there is none. Raises Http404 on a number that is not one of these contracts.
    """
    asked = request.GET.get("contrat")
    if asked is None:
        return _current(contracts, timezone.localdate())
    known = {str(contract.pk): contract for contract in contracts}
    if asked not in known:
        raise Http404("Ce contrat n’existe pas.")
    return known[asked]


def _current(contracts: tuple[Contract, ...], today: date) -> Contract | None:
    running = (contract for contract in contracts if contract.signed_on <= today < contract.ends_on)
    return next(running, contracts[0] if contracts else None)
