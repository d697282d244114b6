"""The directory of a CPTS: the shared contacts and its own."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.organisations.models import Cpts
from core.organisations.rules import can_edit_contacts, can_see_contacts
from core.organisations.views import directory
from core.organisations.views.tenant import actor_of, in_cpts


@require_safe
@in_cpts(can_see_contacts)
def contacts(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the contacts open to the CPTS."""
    return directory.show_list(request, _of(request, cpts))


@require_safe
@in_cpts(can_see_contacts)
def contacts_export(request: HttpRequest, cpts: Cpts, extension: str) -> HttpResponse:
    """Send them as a spreadsheet."""
    return directory.send_export(request, _of(request, cpts), extension)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_contacts)
def contact_add(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Add a contact of the CPTS's own."""
    return directory.show_new(request, _of(request, cpts))


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_contacts)
def contact_edit(request: HttpRequest, cpts: Cpts, contact_id: int) -> HttpResponse:
    """Correct a contact of the CPTS's own."""
    return directory.show_one(request, _of(request, cpts), contact_id)


@require_POST
@in_cpts(can_edit_contacts)
def contact_archive(request: HttpRequest, cpts: Cpts, contact_id: int) -> HttpResponse:
    """Withdraw a contact of the CPTS's own."""
    return directory.withdraw(request, _of(request, cpts), contact_id)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_contacts)
def contacts_import(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Read a spreadsheet of contacts and show what it would change."""
    return directory.show_import(request, _of(request, cpts))


@require_POST
@in_cpts(can_edit_contacts)
def contacts_agree(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Write what the spreadsheet changes."""
    return directory.confirm_import(request, _of(request, cpts))


def _of(request: HttpRequest, cpts: Cpts) -> directory.Directory:
    actor = actor_of(request)
    return directory.Directory.of(cpts, actor, can_edit=bool(can_edit_contacts(actor, cpts)))
