"""Entries that may be the same one twice: seen side by side, made one, or told apart."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.comparison import called_twice, differences
from members.domain.duplicates import entries_by_key, likenesses, tell_apart
from members.domain.merging import check_mergeable, merge_members
from members.forms.merging import MergeForm, PairForm
from members.models import Member
from members.rules import can_edit_members
from members.views.entries import entry_or_404

_PAGE_SIZE = 20


@dataclass(frozen=True)
class ShownPair:
    """Two entries as the list shows them, the one that would be kept first."""

    kept: Member
    left: Member
    reasons: tuple[str, ...]


@require_safe
@in_cpts(can_edit_members)
def duplicates(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the pairs that look alike; two numbers typed lead to their comparison."""
    form = PairForm(request.GET if "garder" in request.GET else None)
    if form.is_bound and (pair := _typed_pair(cpts, form)):
        return redirect("members:merge", cpts.slug, *pair)
    page = Paginator(likenesses(cpts), _PAGE_SIZE).get_page(request.GET.get("page"))
    entries = entries_by_key(cpts, {key for each in page for key in (each.first, each.second)})
    pairs = [_shown(entries[each.first], entries[each.second], each.reasons) for each in page]
    context = {"cpts": cpts, "page": page, "pairs": pairs, "form": form}
    return render(request, "members/duplicates/list.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def merge(request: HttpRequest, cpts: Cpts, kept_id: int, left_id: int) -> HttpResponse:
    """Show two entries side by side, then make them one."""
    kept, left = _pair_or_404(cpts, kept_id, left_id)
    if left.merged_into_id == kept.pk:
        return redirect(kept)
    if kept.merged_into_id or left.merged_into_id or kept.anonymised_at or left.anonymised_at:
        raise Http404("L’une de ces inscriptions a déjà été réunie à une autre, ou anonymisée.")
    try:
        check_mergeable(kept, left)
    except ValidationError as error:
        context = {"cpts": cpts, "kept": kept, "left": left, "why_not": error.messages}
        return render(request, "members/duplicates/impossible.html", context, status=_refusal(request))
    form = MergeForm(
        request.POST if request.method == "POST" else None,
        kept=kept,
        left=left,
        differences=differences(kept, left),
    )
    if request.method != "POST":
        return _page(request, cpts, kept, left, form)
    return (
        _merged(request, cpts, kept, left, form)
        if form.is_valid()
        else _page(request, cpts, kept, left, form, status=400)
    )


@require_POST
@in_cpts(can_edit_members)
def tell_apart_pair(request: HttpRequest, cpts: Cpts, kept_id: int, left_id: int) -> HttpResponse:
    """Remember that two entries are not the same."""
    kept, left = _pair_or_404(cpts, kept_id, left_id)
    tell_apart(kept, left, by=actor_of(request), now=timezone.now())
    messages.success(request, f"{kept.name} et {left.name} ne seront plus proposés comme doublons.")
    return redirect("members:duplicates", cpts.slug)


def _merged(request: HttpRequest, cpts: Cpts, kept: Member, left: Member, form: MergeForm) -> HttpResponse:
    try:
        merge_members(
            kept,
            left,
            taken=form.taken,
            revisions=form.revisions,
            by=actor_of(request),
            now=timezone.now(),
        )
    except StaleError:
        kept, left = _pair_or_404(cpts, kept.pk, left.pk)
        if kept.merged_into_id or left.merged_into_id:
            messages.warning(
                request, "L’une des deux fiches vient d’être réunie à une autre\u00a0: rien n’a été changé."
            )
            return redirect("members:duplicates", cpts.slug)
        form = form.again(kept, left, differences(kept, left))
        return _page(request, cpts, kept, left, form, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _page(request, cpts, kept, left, form, status=400)
    messages.success(request, f"La fiche n°\u00a0{left.number} est réunie à celle-ci.")
    return redirect(kept)


def _page(
    request: HttpRequest, cpts: Cpts, kept: Member, left: Member, form: MergeForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "cpts": cpts,
        "kept": kept,
        "left": left,
        "form": form,
        "called_twice": called_twice(kept, left),
        "is_stale": status == 409,
    }
    return render(request, "members/duplicates/merge.html", context, status=status)


def _refusal(request: HttpRequest) -> int:
    return 400 if request.method == "POST" else 200


def _pair_or_404(cpts: Cpts, kept_id: int, left_id: int) -> tuple[Member, Member]:
    if kept_id == left_id:
        raise Http404("Une inscription ne se réunit pas à elle-même.")
    return entry_or_404(cpts, kept_id), entry_or_404(cpts, left_id)


def _shown(first: Member, second: Member, reasons: tuple[str, ...]) -> ShownPair:
    """Keep the one who has a membership, else the one written first."""
    kept, left = sorted((first, second), key=lambda each: (each.last_membership_id is None, each.pk))
    return ShownPair(kept, left, reasons)


def _typed_pair(cpts: Cpts, form: PairForm) -> tuple[int, int] | None:
    """Return the keys of the entries typed by number, None and an error when there are none such."""
    if not form.is_valid():
        return None
    numbers = form.cleaned_data["garder"], form.cleaned_data["reunir"]
    listed = Member.objects.listed().filter(cpts=cpts, number__in=numbers)
    keys = dict(listed.values_list("number", "pk"))
    if len(keys) < 2:
        form.add_error(None, "Donnez les numéros de deux fiches différentes du registre.")
        return None
    return keys[numbers[0]], keys[numbers[1]]
