"""What the fields that look something up suggest, as one types."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import in_cpts
from members.domain.lookups import commune_text, entry_text, suggested_communes, suggested_entries
from members.enums import MemberKind
from members.models import Member
from members.rules import can_edit_members


@require_safe
@in_cpts(can_edit_members)
def suggested_structures(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Suggest structures of the registry."""
    return _options(request, _entries(cpts, MemberKind.LEGAL, _typed(request)))


@require_safe
@in_cpts(can_edit_members)
def suggested_people(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Suggest people of the registry."""
    return _options(request, _entries(cpts, MemberKind.NATURAL, _typed(request)))


@require_safe
@in_cpts(can_edit_members)
def suggested_communes_of(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Suggest communes of the latest official code."""
    found = suggested_communes(_typed(request), cpts.departement_code)
    return _options(request, [(commune_text(each.name, each.code), each.departement.name) for each in found])


def _typed(request: HttpRequest) -> str:
    return request.GET.get("texte", "")


def _entries(cpts: Cpts, kind: MemberKind, typed: str) -> list[tuple[str, str]]:
    return [(entry_text(each), _place_of(each)) for each in suggested_entries(cpts, kind, typed)]


def _place_of(entry: Member) -> str:
    return entry.commune_name or entry.get_structure_kind_display() or entry.get_profession_display()


def _options(request: HttpRequest, options: Iterable[tuple[str, str]]) -> HttpResponse:
    return render(request, "members/_suggestions.html", {"options": options})
