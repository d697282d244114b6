"""The public form by which somebody applies for membership."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.jobs.errors import RateLimitedError
from core.jobs.requesters import requester_of
from core.organisations.models import Cpts, TerritoryCommune, TerritoryVersion
from members.domain.anonymisation import KEPT_YEARS
from members.domain.applications import DeskClosedError, receive_application
from members.domain.statutes import statutes_on
from members.enums import Body
from members.forms.application import (
    COMMUNES,
    ApplicationForm,
    PersonApplicationForm,
    StructureApplicationForm,
)
from members.models import AdmissionDesk

STRUCTURE = "structure"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the association and its form, and take an application; 409 once it is closed, 429 for too many."""
    cpts = get_object_or_404(Cpts, slug=slug)
    if not AdmissionDesk.objects.is_open(cpts.pk):
        return _closed(request, cpts)
    form = _form(request, cpts)
    if request.method != "POST":
        return _shown(request, cpts, form)
    if form.is_trapped:
        return redirect("members:applied", cpts.slug)
    if not form.is_valid():
        return _shown(request, cpts, form, status=400)
    try:
        receive_application(cpts, form.application(), requester=requester_of(request), now=timezone.now())
    except DeskClosedError:
        return _closed(request, cpts)
    except RateLimitedError as error:
        form.add_error(None, str(error))
        return _shown(request, cpts, form, status=429)
    except ValidationError as fault:
        form.show(fault)
        return _shown(request, cpts, form, status=400)
    return redirect("members:applied", cpts.slug)


@require_safe
@never_cache
def applied(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that an application arrived, and what comes next: the same to everybody."""
    cpts = get_object_or_404(Cpts, slug=slug)
    return render(request, "members/apply/done.html", {"cpts": cpts, **_admission(cpts)})


def _form(request: HttpRequest, cpts: Cpts) -> ApplicationForm:
    posted = request.POST if request.method == "POST" else None
    asked = (request.GET if posted is None else posted).get("qui")
    kind = StructureApplicationForm if asked == STRUCTURE else PersonApplicationForm
    territories = TerritoryVersion.objects.in_force(timezone.localdate()).filter(cpts=cpts)
    communes = TerritoryCommune.objects.filter(territory__in=territories).order_by("name", "code")
    named = list(communes.values_list("code", "name"))
    return kind(posted, communes=named, departement_code=cpts.departement_code)


def _shown(request: HttpRequest, cpts: Cpts, form: ApplicationForm, *, status: int = 200) -> HttpResponse:
    context = {
        "cpts": cpts,
        "form": form,
        "is_structure": isinstance(form, StructureApplicationForm),
        "communes": [name for _, name in form.communes],
        "list_id": COMMUNES,
        "kept_years": KEPT_YEARS,
        **_admission(cpts),
    }
    return render(request, "members/apply/form.html", context, status=status)


def _closed(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    status = 409 if request.method == "POST" else 200
    return render(request, "members/apply/closed.html", {"cpts": cpts}, status=status)


def _admission(cpts: Cpts) -> dict[str, object]:
    """What the statutes say of the association and of who decides."""
    statutes = statutes_on(cpts.pk, timezone.localdate())
    deciding = {
        Body.GENERAL_ASSEMBLY: "L’assemblée générale",
        Body.BOARD: "Le conseil d’administration",
        Body.BUREAU: "Le bureau",
    }
    return {"purpose": statutes.purpose, "body": deciding.get(Body(statutes.admission_body), "")}
