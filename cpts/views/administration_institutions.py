"""Administration of the institutions: their scopes and their reviewers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.enums import Role
from core.accounts.domain.invitations import invite_person
from core.accounts.forms.people import GuestForm
from core.accounts.views.people import tell
from core.organisations.domain.institutions import add_scope, open_institution, remove_scope
from core.organisations.models import Institution
from core.organisations.rules import can_administrate
from core.organisations.views.tenant import actor_of, by_role
from cpts.forms import InstitutionForm, ScopeForm, SearchForm
from cpts.views.administration import PAGE_SIZE


@require_safe
@by_role(can_administrate)
def institutions(request: HttpRequest) -> HttpResponse:
    """List the institutions, each with its scope and the number of its reviewers."""
    search = SearchForm(request.GET)
    reviewers = Count("roles", filter=Q(roles__ended_at=None), distinct=True)
    found = Institution.objects.annotate(reviewers=reviewers).prefetch_related("scopes").order_by("name")
    for word in search.words():
        found = found.filter(name__icontains=word)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "administration/institutions.html", {"page": page, "search": search})


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def open_one(request: HttpRequest) -> HttpResponse:
    """Open an institution."""
    form = InstitutionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_institution(**form.cleaned_data, by=actor_of(request), now=timezone.now())
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, "L’institution est ouverte. Invitez ses instructeurs.")
            return redirect("administration:institution", opened.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "administration/institution_open.html", {"form": form}, status=status)


@require_safe
@by_role(can_administrate)
def institution(request: HttpRequest, institution_id: int) -> HttpResponse:
    """Show an institution, its scope and its reviewers."""
    shown = get_object_or_404(Institution, pk=institution_id)
    return _show(request, shown, ScopeForm())


@require_POST
@by_role(can_administrate)
def extend_scope(request: HttpRequest, institution_id: int) -> HttpResponse:
    """Put an institution in charge of one more place."""
    shown = get_object_or_404(Institution, pk=institution_id)
    form = ScopeForm(request.POST)
    if not form.is_valid():
        return _show(request, shown, form, status=400)
    scope = add_scope(shown, form.cleaned_data["place"], by=actor_of(request), now=timezone.now())
    messages.success(request, f"{scope.name} est dans le ressort.")
    return redirect("administration:institution", institution_id)


@require_POST
@by_role(can_administrate)
def reduce_scope(request: HttpRequest, institution_id: int, scope_id: int) -> HttpResponse:
    """Take a place out of the scope of an institution."""
    shown = get_object_or_404(Institution, pk=institution_id)
    try:
        remove_scope(shown, scope_id, by=actor_of(request), now=timezone.now())
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "Le ressort est réduit.")
    return redirect("administration:institution", institution_id)


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def invite_reviewer(request: HttpRequest, institution_id: int) -> HttpResponse:
    """Invite somebody to review for an institution."""
    shown = get_object_or_404(Institution, pk=institution_id)
    form = GuestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"institution": shown, "form": form}
        status = 400 if request.method == "POST" else 200
        return render(request, "administration/invite_reviewer.html", context, status=status)
    invitation = invite_person(
        **form.cleaned_data,
        role=Role.REVIEWER,
        institution=shown,
        by=actor_of(request),
        now=timezone.now(),
    )
    tell(request, invitation)
    return redirect("administration:institution", institution_id)


def _show(request: HttpRequest, shown: Institution, form: ScopeForm, status: int = 200) -> HttpResponse:
    reviewers = shown.roles.active().in_order()
    context = {
        "institution": shown,
        "scopes": shown.scopes.order_by("-region_code", "departement_code"),
        "form": form,
        "page": Paginator(reviewers, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "administration/institution.html", context, status=status)
