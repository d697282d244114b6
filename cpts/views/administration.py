"""Administration of the platform: what there is, and the opening of CPTS."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.access.enums import Role
from core.accounts.domain.openings import open_cpts_to
from core.accounts.models import RoleAssignment
from core.accounts.views.people import tell
from core.organisations.models import Cpts, Institution
from core.organisations.rules import can_administrate
from core.organisations.views.tenant import actor_of, by_role
from core.territories.domain.names import words_in
from core.ui.folding import fold
from cpts.forms import OpeningForm, SearchForm

PAGE_SIZE = 30


@require_safe
@by_role(can_administrate)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what the installation holds, and where each thing is kept."""
    context = {
        "cpts_count": Cpts.objects.count(),
        "institution_count": Institution.objects.count(),
        "administrator_count": RoleAssignment.objects.active().filter(role=Role.ADMINISTRATOR).count(),
        "leaderless": Cpts.objects.exclude(_has_coordinator()).count(),
    }
    return render(request, "administration/overview.html", context)


@require_safe
@by_role(can_administrate)
def cpts_list(request: HttpRequest) -> HttpResponse:
    """List the CPTS of the installation."""
    search = SearchForm(request.GET)
    found = Cpts.objects.annotate(has_coordinator=_has_coordinator()).order_by("name")
    # A dash or a quote alone folds to no word: every name has it, whatever its département.
    for word in filter(fold, search.words()):
        found = found.filter(words_in("search_name", word) | Q(departement_name__icontains=word))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "administration/cpts_list.html", {"page": page, "search": search})


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def open_one(request: HttpRequest) -> HttpResponse:
    """Open a CPTS and invite its first coordinator."""
    form = OpeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = open_cpts_to(**form.cleaned_data, by=actor_of(request), now=timezone.now())
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            tell(request, invitation)
            return redirect("administration:cpts")
    status = 400 if request.method == "POST" else 200
    return render(request, "administration/cpts_open.html", {"form": form}, status=status)


def _has_coordinator() -> Exists:
    held = RoleAssignment.objects.active().filter(role=Role.COORDINATOR, cpts=OuterRef("pk"))
    return Exists(held)
