"""Acting on many members at once: a page says to how many and names the first, then it is done."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.ui.formatting import number
from members.domain.bulk import BulkAction, BulkOutcome, run_bulk
from members.domain.listing import found
from members.forms.bulk import EVERY, SelectionForm, action_asked, ticked
from members.models import Member
from members.models.member import MemberQuerySet
from members.rules import can_edit_members
from members.views.members import filter_form

_NAMED = 10


@dataclass(frozen=True)
class Choice:
    """What the confirmation page tells of a selection."""

    count: int
    done: int
    named: list[Member]

    @property
    def unnamed(self) -> int:
        """How many are not named."""
        return self.count - len(self.named)

    @property
    def to_do(self) -> int:
        """For how many something changes."""
        return self.count - self.done


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def bulk(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask to confirm an action on what is ticked, or on all that is filtered; then do it."""
    owner = f"{cpts.pk}:{actor_of(request).user_id}"
    if request.method == "POST":
        return _run(request, cpts, owner)
    form, action = filter_form(request, cpts), action_asked(request.GET)
    rows = found(cpts, form.wanted)
    if request.GET.get("portee") != EVERY:
        rows = Member.objects.filter(cpts=cpts, pk__in=ticked(request.GET)).listed()
    chosen = _choice(rows, action) if action else None
    context = {"cpts": cpts, "action": action, "choice": chosen, "query": form.query}
    if action is None or chosen is None or not chosen.count:
        return render(request, "members/bulk.html", context | {"form": None}, status=400)
    agreement = SelectionForm.to(action, list(rows.values_list("pk", flat=True)), owner=owner)
    return render(request, "members/bulk.html", context | {"form": agreement})


def _choice(rows: MemberQuerySet, action: BulkAction) -> Choice:
    return Choice(rows.count(), rows.filter(action.done).count(), list(rows.in_order()[:_NAMED]))


def _run(request: HttpRequest, cpts: Cpts, owner: str) -> HttpResponse:
    back = reverse("members:members", args=[cpts.slug])
    form = SelectionForm(request.POST, owner=owner)
    if not form.is_valid():
        messages.error(request, str(form.errors["selection"][0]))
        return redirect(back)
    agreed = form.cleaned_data["selection"]
    outcome = run_bulk(cpts, agreed.action, agreed.member_ids, by=actor_of(request), now=timezone.now())
    messages.success(request, _told(agreed.action, outcome))
    return redirect(f"{back}?{query}" if (query := filter_form(request, cpts).query) else back)


def _told(action: BulkAction, outcome: BulkOutcome) -> str:
    present = outcome.changed + outcome.unchanged
    plural = "s" if present > 1 else ""
    told = f"C’est fait pour {number(present)} inscrit{plural}\u00a0: {action.outcome}."
    if not outcome.gone:
        return told
    return f"{told} {number(outcome.gone)} n’étai{'en' if outcome.gone > 1 else ''}t plus au registre."
