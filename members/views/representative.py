"""Who speaks for a structure."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.representatives import change_representative
from members.forms.representative import RepresentativeForm
from members.models import Member, Representative
from members.rules import can_edit_members
from members.views.entries import entry_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def representative(request: HttpRequest, cpts: Cpts, structure_id: int) -> HttpResponse:
    """Ask who represents a structure and since when, then write it."""
    structure = _structure_or_404(cpts, structure_id)
    now = _representative_of(structure)
    if request.method != "POST":
        return _page(request, structure, RepresentativeForm(None, structure=structure, now=now), now)
    form = RepresentativeForm(request.POST, structure=structure, now=now)
    if not form.is_valid():
        return _page(request, structure, form, now, status=400)
    try:
        change_representative(
            structure,
            form.values(),
            starts_on=form.starts_on_day,
            seen=form.cleaned_data["seen"],
            by=actor_of(request),
            now=timezone.now(),
        )
    except StaleError:
        now = _representative_of(structure)
        return _page(request, structure, form.on(now), now, status=409)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, structure, form, now, status=400)
    messages.success(request, "Le représentant est enregistré.")
    return redirect(structure)


def _structure_or_404(cpts: Cpts, structure_id: int) -> Member:
    structure = entry_or_404(cpts, structure_id)
    if structure.is_person or structure.merged_into_id or structure.anonymised_at:
        raise Http404("Cette inscription n’est pas celle d’une structure.")
    return structure


def _representative_of(structure: Member) -> Representative | None:
    return structure.representatives.filter(ends_on=None).select_related("person").first()


def _page(
    request: HttpRequest,
    structure: Member,
    form: RepresentativeForm,
    now: Representative | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "cpts": structure.cpts,
        "structure": structure,
        "form": form,
        "now": now,
        "is_stale": status == 409,
    }
    return render(request, "members/representative.html", context, status=status)
