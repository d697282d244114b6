"""Writing somebody in the registry, and correcting what it says."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.lookalikes import Lookalike, LookalikeError, add_once
from members.domain.members import update_member
from members.enums import MemberKind
from members.forms.member import EntryForms, new_entry
from members.forms.verbs import show_refusals
from members.models import Member
from members.rules import can_edit_members
from members.views.entries import entry_or_404, kept_entry

TOLD_APART = "autres"
"""Name of the button that says that those shown are others: their numbers of row."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def person_add(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for a person, then write them in the registry."""
    return _add(request, cpts, MemberKind.NATURAL)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def structure_add(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for a structure, then write it in the registry."""
    return _add(request, cpts, MemberKind.LEGAL)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def member_edit(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Show an entry as a form, then write it; what another person wrote meanwhile is shown, not lost."""
    member = entry_or_404(cpts, member_id)
    if request.method != "POST":
        return _edit_page(request, member)
    entry = EntryForms.of(member, request.POST)
    if not entry.is_valid():
        return _form_page(request, member, entry, status=400)
    try:
        written = update_member(
            member,
            entry.values(),
            places=entry.place_values(),
            revision=entry.form.cleaned_data["revision"],
            by=actor_of(request),
            now=timezone.now(),
        )
    except StaleError:
        return _stale_page(request, member, entry)
    except ValidationError as error:
        return _refused_page(request, member, entry, error)
    messages.success(request, "La fiche est enregistrée.")
    return redirect(written)


def _add(request: HttpRequest, cpts: Cpts, kind: MemberKind) -> HttpResponse:
    blank = new_entry(cpts, kind)
    if request.method != "POST":
        return _form_page(request, blank, EntryForms.of(blank))
    entry = EntryForms.of(blank, request.POST)
    if not entry.is_valid():
        return _form_page(request, blank, entry, status=400)
    try:
        written = add_once(
            cpts,
            {"kind": kind} | entry.values(),
            places=entry.place_values() or (),
            told_apart=_told_apart(request),
            by=actor_of(request),
            now=timezone.now(),
        )
    except LookalikeError as error:
        return _form_page(request, blank, entry, lookalikes=error.found, status=409)
    except ValidationError as error:
        return _refused_page(request, blank, entry, error)
    messages.success(request, f"{written.name} est au registre, sous le numéro {written.number}.")
    return redirect(written)


def _told_apart(request: HttpRequest) -> set[int]:
    """The entries that somebody looked at and said to be others."""
    typed = request.POST.get(TOLD_APART, "").split(",")
    return {int(each) for each in typed if each.isascii() and each.isdecimal() and len(each) < 19}


def _edit_page(request: HttpRequest, member: Member) -> HttpResponse:
    if member.merged_into_id is not None or member.anonymised_at is not None:
        return redirect(kept_entry(member))
    return _form_page(request, member, EntryForms.of(member))


def _refused_page(
    request: HttpRequest, member: Member, entry: EntryForms, error: ValidationError
) -> HttpResponse:
    """Show what the registry refuses, beside its field when the form has it."""
    show_refusals(entry.form, error)
    return _form_page(request, member, entry, status=400)


def _stale_page(request: HttpRequest, member: Member, entry: EntryForms) -> HttpResponse:
    """Show what was typed again, on the present revision, beside what somebody else wrote."""
    member.refresh_from_db()
    typed = request.POST.copy()
    typed["revision"] = str(member.revision)
    conflicts = entry.conflicts(member)
    return _form_page(request, member, EntryForms.of(member, typed), conflicts=conflicts, status=409)


def _form_page(
    request: HttpRequest,
    member: Member,
    entry: EntryForms,
    *,
    conflicts: list[tuple[str, str]] | None = None,
    lookalikes: Sequence[Lookalike] = (),
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "cpts": member.cpts,
        "member": member if member.pk else None,
        "entry": entry,
        "form": entry.form,
        "conflicts": conflicts,
        "lookalikes": lookalikes,
        "told_apart": _answer(request, lookalikes),
    }
    template = "members/person_form.html" if member.is_person else "members/structure_form.html"
    return render(request, template, context, status=status)


def _answer(request: HttpRequest, lookalikes: Sequence[Lookalike]) -> str:
    """What the button says: those shown now, with those told apart before."""
    everybody = {each.member.pk for each in lookalikes} | _told_apart(request)
    return ",".join(map(str, sorted(everybody)))
