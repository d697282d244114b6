"""Members beside the professionals in practice, and who is missing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.organisations.models import Cpts, TerritoryVersion
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import write_xlsx
from members.domain.coverage import Coverage, coverage_of
from members.domain.directory_lines import FILE_NAME, LICENCE, SOURCE
from members.domain.invitations import NotInPracticeError, invitation_text, invite
from members.enums import MemberKind
from members.exports.coverage import coverage_table, missing_list
from members.forms.coverage import MissingFilter, PlaceFilter
from members.models import AdmissionDesk, Member
from members.rules import can_edit_members, can_see_members

_PAGE_SIZE = 25
_SHOWN_ABSENT = 40


@require_safe
@in_cpts(can_see_members)
def coverage(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show coverage by profession and EPCI."""
    found = coverage_of(cpts, timezone.localdate())
    if found is None or not found.communes:
        return _nothing(request, cpts, found)
    form = PlaceFilter(request.GET, found)
    shown = form.narrowed
    context = {
        "cpts": cpts,
        "form": form,
        "coverage": shown,
        "absent": shown.absent[:_SHOWN_ABSENT],
        "more_absent": max(0, len(shown.absent) - _SHOWN_ABSENT),
        "is_stale": _was_decided_since(cpts, found),
        **_source(found),
    }
    return render(request, "members/coverage/coverage.html", context, status=400 if form.errors else 200)


@require_safe
@in_cpts(can_see_members)
def coverage_xlsx(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Download the figures, narrowed as the page is."""
    found = coverage_of(cpts, timezone.localdate())
    if found is None:
        return redirect("members:coverage", cpts.slug)
    sheet = coverage_table(PlaceFilter(request.GET, found).narrowed)
    return attachment(write_xlsx([sheet]), f"couverture-{cpts.slug}-{timezone.localdate():%Y-%m-%d}", "xlsx")


@require_safe
@in_cpts(can_see_members)
def missing(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the professionals in practice who are not members."""
    found = coverage_of(cpts, timezone.localdate())
    if found is None or not found.communes:
        return _nothing(request, cpts, found)
    form = MissingFilter(request.GET, found)
    context = {
        "cpts": cpts,
        "form": form,
        "page": Paginator(form.found, _PAGE_SIZE).get_page(request.GET.get("page")),
        "communes": {each.code: each.name for each in found.communes},
        "can_edit": bool(can_edit_members(actor_of(request), cpts)),
        **_source(found),
    }
    return render(request, "members/coverage/missing.html", context, status=400 if form.errors else 200)


@require_safe
@in_cpts(can_see_members)
def missing_xlsx(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Download those who are missing, narrowed as the list is."""
    found = coverage_of(cpts, timezone.localdate())
    if found is None:
        return redirect("members:coverage", cpts.slug)
    communes = {each.code: each.name for each in found.communes}
    sheet = missing_list(MissingFilter(request.GET, found).found, communes)
    return attachment(write_xlsx([sheet]), f"qui-manque-{cpts.slug}-{timezone.localdate():%Y-%m-%d}", "xlsx")


@require_POST
@in_cpts(can_edit_members)
def invite_practitioner(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Open a professional in the registry, and lead to the invitation; to the sheet of who is there."""
    key = request.POST.get("professionnel", "")
    try:
        invitation = invite(cpts, key, by=actor_of(request), now=timezone.now())
    except NotInPracticeError as error:
        messages.error(request, str(error))
        return redirect("members:missing", cpts.slug)
    if invitation.is_new:
        return redirect("members:invitation", cpts.slug, invitation.member.pk)
    messages.info(request, "Cette personne est déjà au registre\u00a0: voici sa fiche.")
    return redirect("members:member", cpts.slug, invitation.member.pk)


@require_safe
@in_cpts(can_edit_members)
def invitation(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Show the message that invites somebody of the registry."""
    member = Member.objects.listed().filter(cpts=cpts, pk=member_id, kind=MemberKind.NATURAL).first()
    if member is None:
        raise Http404("Cette personne n’est pas au registre.")
    is_open = AdmissionDesk.objects.is_open(cpts.pk)
    form_url = request.build_absolute_uri(reverse("members:apply", args=[cpts.slug])) if is_open else ""
    context = {
        "cpts": cpts,
        "member": member,
        "text": invitation_text(cpts, member, form_url=form_url),
        "is_open": is_open,
    }
    return render(request, "members/coverage/invitation.html", context)


def _nothing(request: HttpRequest, cpts: Cpts, found: Coverage | None) -> HttpResponse:
    context = {"cpts": cpts, "has_edition": found is not None, "file_name": FILE_NAME, "source": SOURCE}
    return render(request, "members/coverage/nothing.html", context | {"licence": LICENCE})


def _was_decided_since(cpts: Cpts, found: Coverage) -> bool:
    """Tell whether the territory was decided after the directory was read: some communes may lack."""
    versions = TerritoryVersion.objects.in_force(timezone.localdate()).filter(cpts=cpts)
    return versions.filter(recorded_at__gt=found.edition.started_at).exists()


def _source(found: Coverage) -> dict[str, object]:
    return {"edition": found.edition, "source": SOURCE, "licence": LICENCE}
