"""The colleges in which members vote."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.colleges import add_college, archive_college, people_by_college, raise_college
from members.domain.statutes import active_colleges
from members.forms.statutes import CollegeForm
from members.models import VotingCollege
from members.rules import can_edit_statutes


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_statutes)
def colleges(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show the colleges in order, with how many members they have, and add one."""
    form = CollegeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            college = add_college(cpts, form.cleaned_data["name"], by=actor_of(request), now=timezone.now())
            messages.success(request, f"Le collège «\u00a0{college}\u00a0» est ajouté.")
            return redirect("members:colleges", cpts.slug)
        except ValidationError as error:
            form.show(error)
    counts = people_by_college(cpts.pk, timezone.localdate())
    rows = [(each, counts.get(each.pk, 0)) for each in active_colleges(cpts.pk)]
    status = 400 if request.method == "POST" else 200
    context = {"cpts": cpts, "form": form, "rows": rows}
    return render(request, "members/statutes/colleges.html", context, status=status)


@require_POST
@in_cpts(can_edit_statutes)
def college_raise(request: HttpRequest, cpts: Cpts, college_id: int) -> HttpResponse:
    """Put a college one rank higher than the page showed it (`rang`)."""
    college, shown = _college_or_404(cpts, college_id), request.POST.get("rang", "")
    seen = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 4 else 0
    raise_college(college, seen=seen, by=actor_of(request), now=timezone.now())
    return redirect("members:colleges", cpts.slug)


@require_POST
@in_cpts(can_edit_statutes)
def college_archive(request: HttpRequest, cpts: Cpts, college_id: int) -> HttpResponse:
    """Withdraw a college that nobody is in."""
    college = _college_or_404(cpts, college_id)
    try:
        archive_college(college, by=actor_of(request), now=timezone.now())
        messages.success(request, f"Le collège «\u00a0{college}\u00a0» est retiré.")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("members:colleges", cpts.slug)


def _college_or_404(cpts: Cpts, college_id: int) -> VotingCollege:
    college = get_object_or_404(VotingCollege, pk=college_id, cpts=cpts)
    college.cpts = cpts
    return college
