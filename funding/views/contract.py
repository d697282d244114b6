"""The contract of a CPTS: read, recorded, corrected, and the rates agreed each year."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from aci.domain.anniversaries import begun_years
from aci.domain.attainments import record_attainments
from aci.domain.contracts import ContractValues, record_contract, revise_contract
from aci.errors import ContractError
from aci.models import Contract
from aci.rules import can_record_attainment, can_record_contract, can_see_contract
from core.access.actors import Actor
from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import in_cpts, roles_of
from funding.domain.contract_sheet import sheet_of
from funding.engine import EngineError
from funding.forms.contract import PREVIEW_BUTTON, ContractForm
from funding.forms.rates import RatesForm
from funding.views.contract_schedule import chosen_contract


@require_safe
@in_cpts(can_see_contract)
def contract(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show a contract, the one that runs or the latest unless one is asked for; how to begin without any."""
    today, actor = timezone.localdate(), _actor(request)
    contracts = tuple(_contracts(cpts))
    shown = chosen_contract(request, contracts)
    context: dict[str, Any] = {
        "cpts": cpts,
        "today": today,
        "can_record": can_record_contract(actor, cpts).allowed,
    }
    if shown is None:
        return render(request, "contract/contract_none.html", context | _way_to_begin(cpts))
    context |= {
        "contract": shown,
        "others": [each for each in contracts if each != shown],
        "can_record_attainment": can_record_attainment(actor, cpts).allowed,
        "is_latest": shown == contracts[0],
    }
    try:
        context |= {"sheet": sheet_of(shown, today), "refusals": []}
    except EngineError as error:
        # A text published since may refuse what an older one took: it is said, the rest stays readable.
        context |= {"sheet": None, "refusals": list(error.errors.values())}
    return render(request, "contract/contract.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_record_contract)
def contract_new(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for what was signed, then record it."""
    if request.method != "POST":
        return _form_page(request, cpts, ContractForm(cpts=cpts))
    form = ContractForm(request.POST, cpts=cpts)
    if PREVIEW_BUTTON in request.POST:
        return _preview(request, cpts, form)

    def write(values: ContractValues) -> Contract:
        return record_contract(cpts, values, by=_actor(request), now=timezone.now())

    if not _written(form, write):
        return _form_page(request, cpts, form, status=400)
    messages.success(request, "Le contrat est enregistré.")
    return _to_contract(cpts)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_record_contract)
def contract_edit(request: HttpRequest, cpts: Cpts, contract_id: int) -> HttpResponse:
    """Show a contract as a form, then write what changes; what somebody else wrote is shown, not lost."""
    current = _contract_or_404(cpts, contract_id)
    if request.method != "POST":
        return _form_page(request, cpts, ContractForm(cpts=cpts, contract=current))
    form = ContractForm(request.POST, cpts=cpts, contract=current)
    if PREVIEW_BUTTON in request.POST:
        return _preview(request, cpts, form)

    def write(values: ContractValues) -> Contract:
        typed = form.cleaned_data
        return revise_contract(
            current,
            values,
            revision=typed["revision"],
            reason=typed["raison"],
            by=_actor(request),
            now=timezone.now(),
        )

    try:
        if not _written(form, write):
            return _form_page(request, cpts, form, status=400)
    except StaleError:
        return _stale_form(request, cpts, current)
    messages.success(request, "Le contrat est à jour.")
    return _to_contract(cpts, current)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_record_attainment)
def attainment(request: HttpRequest, cpts: Cpts, contract_id: int) -> HttpResponse:
    """Ask for the rates of a contract year, then record them together."""
    current = _contract_or_404(cpts, contract_id)
    year = _year_or_404(request, current)
    if request.method != "POST":
        return _rates_page(request, cpts, current, RatesForm(contract=current, year=year))
    form = RatesForm(request.POST, contract=current, year=year)
    try:
        if not _rates_written(request, current, form):
            return _rates_page(request, cpts, current, form, status=400)
    except StaleError:
        current = _contract_or_404(cpts, contract_id)
        again = form.on(current)
        return _rates_page(request, cpts, current, again, moved=again.moved_since(form), status=409)
    messages.success(request, f"Les taux d’atteinte de l’année {year} sont enregistrés.")
    return _to_contract(cpts, current)


def _actor(request: HttpRequest) -> Actor:
    actor = roles_of(request).actor
    if actor is None:
        raise Http404  # `in_cpts` answered already
    return actor


def _contracts(cpts: Cpts) -> QuerySet[Contract]:
    """The contracts of the CPTS with all that their page reads, the latest signed first."""
    return Contract.objects.with_terms().filter(cpts=cpts).order_by("-signed_on")


def _contract_or_404(cpts: Cpts, contract_id: int) -> Contract:
    found = _contracts(cpts).filter(pk=contract_id).first()
    if found is None:
        raise Http404("Cette CPTS n’a pas ce contrat.")
    return found


def _way_to_begin(cpts: Cpts) -> dict[str, Any]:
    """The territory of today, and the simulator that starts from it."""
    territory = cpts.territories.in_force(timezone.localdate()).first()
    codes = territory.communes.order_by("pk").values_list("code", flat=True) if territory else []
    query = f"?communes={','.join(codes)}" if territory else ""
    return {"territory": territory, "simulator_url": reverse("funding:simulator") + query}


def _to_contract(cpts: Cpts, shown: Contract | None = None) -> HttpResponseRedirect:
    query = f"?contrat={shown.pk}" if shown else ""
    return redirect(reverse("contract:contract", args=[cpts.slug]) + query)


def _written(form: ContractForm, write: Callable[[ContractValues], Contract]) -> bool:
    """Whether the form was right and its contract written; if not, the form says why."""
    if not form.is_valid():
        return False
    try:
        write(form.checked_values())
    except (EngineError, ContractError) as error:
        form.show_refusals(error.errors)
        return False
    return True


def _form_page(
    request: HttpRequest,
    cpts: Cpts,
    form: ContractForm,
    *,
    conflicts: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "cpts": cpts,
        "form": form,
        "contract": form.contract,
        "conflicts": conflicts,
        "preview": form.preview(),
    }
    return render(request, "contract/contract_edit.html", context, status=status)


def _preview(request: HttpRequest, cpts: Cpts, form: ContractForm) -> HttpResponse:
    """Show what follows from what is typed so far, nothing written: the part that changed to htmx."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        context = {"preview": form.preview(), "contract": form.contract}
        return render(request, "contract/_contract_preview.html", context)
    return _form_page(request, cpts, form, status=200 if form.is_valid() else 400)


def _stale_form(request: HttpRequest, cpts: Cpts, current: Contract) -> HttpResponse:
    """Show what was typed again, on the present revision, beside what somebody else wrote."""
    current = _contract_or_404(cpts, current.pk)
    typed = request.POST.copy()
    typed["revision"] = str(current.revision)
    again = ContractForm(typed, cpts=cpts, contract=current)
    return _form_page(request, cpts, again, conflicts=again.conflicts(), status=409)


def _year_or_404(request: HttpRequest, current: Contract) -> int:
    """The year that the address asks for, the latest that has begun without any."""
    begun = begun_years(current.signed_on, timezone.localdate())
    asked = request.GET.get("annee", str(begun[-1]))
    if asked not in map(str, begun):
        raise Http404("Cette année du contrat n’a pas commencé.")
    return int(asked)


def _rates_written(request: HttpRequest, current: Contract, form: RatesForm) -> bool:
    """Whether the form was right and its rates recorded; if not, the form says why."""
    if not form.is_valid():
        return False
    reason, by, now = form.cleaned_data["raison"], _actor(request), timezone.now()
    try:
        record_attainments(current, form.year, form.rates, reason, by=by, now=now, replacing=form.replacing)
    except ContractError as error:
        form.show_refusals(error.errors)
        return False
    return True


def _rates_page(
    request: HttpRequest,
    cpts: Cpts,
    current: Contract,
    form: RatesForm,
    *,
    moved: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"cpts": cpts, "contract": current, "form": form, "moved": moved}
    return render(request, "contract/contract_attainment.html", context, status=status)
