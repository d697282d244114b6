"""Personal data: what is kept about somebody, and what is forgotten when its retention is over."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from members.domain.anonymisation import KEPT_YEARS, anonymise_member, to_anonymise
from members.domain.personal_data import Section, personal_data
from members.forms.privacy import AnonymiseForm
from members.models import Member
from members.rules import can_edit_members
from members.views.entries import entry_or_404, kept_entry

_PAGE_SIZE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def retention(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the entries whose retention is over; those that are ticked are made anonymous."""
    due = to_anonymise(cpts, timezone.localdate()).select_related("cpts")
    page = Paginator(due, _PAGE_SIZE).get_page(request.GET.get("page"))
    form = AnonymiseForm(
        request.POST if request.method == "POST" else None, due=[*page, *_already(request, cpts)]
    )
    if request.method == "POST" and form.is_valid():
        return _anonymised(request, cpts, form.chosen)
    context = {"cpts": cpts, "page": page, "form": form, "years": KEPT_YEARS}
    return render(request, "members/duplicates/retention.html", context, status=400 if form.errors else 200)


@require_safe
@in_cpts(can_edit_members)
def member_data(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Show all that is kept about somebody, to be read or printed."""
    member = kept_entry(entry_or_404(cpts, member_id))
    context = {"cpts": cpts, "member": member, "sections": personal_data(member)}
    return render(request, "members/duplicates/data.html", context)


@require_safe
@in_cpts(can_edit_members)
def member_data_json(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Give all that is kept about somebody as a file."""
    member = kept_entry(entry_or_404(cpts, member_id))
    name = f"donnees-{cpts.slug}-n{member.number}-{timezone.localdate():%Y-%m-%d}"
    return attachment(as_json(personal_data(member)), name, "json")


def as_json(sections: list[Section]) -> bytes:
    """Return what is kept about somebody as a file that people and machines read."""
    return json.dumps({each.title: each.rows for each in sections}, ensure_ascii=False, indent=2).encode()


def _already(request: HttpRequest, cpts: Cpts) -> list[Member]:
    """Return the entries ticked that are anonymous already: a form sent twice asks for nothing more."""
    typed = request.POST.getlist("fiches")[:_PAGE_SIZE]
    keys = [int(key) for key in typed if key.isascii() and key.isdecimal() and len(key) < 18]
    done = Member.objects.filter(cpts=cpts, pk__in=keys, anonymised_at__isnull=False)
    return list(done.select_related("cpts"))


def _anonymised(request: HttpRequest, cpts: Cpts, chosen: list[Member]) -> HttpResponse:
    """Make these anonymous, each in its own transaction, and say what became of them."""
    done = 0
    for member in chosen:
        try:
            anonymise_member(member, by=actor_of(request), now=timezone.now())
            done += 1
        except ValidationError as error:
            messages.warning(request, f"N°\u00a0{member.number}\u00a0: {error.messages[0]}")
    words = "fiche est anonymisée" if done == 1 else "fiches sont anonymisées"
    messages.success(request, f"{done} {words}.")
    return redirect("members:retention", cpts.slug)
