"""The directory shared by every CPTS of the installation, kept by the administrator."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.organisations.rules import can_administrate
from core.organisations.views import directory
from core.organisations.views.tenant import actor_of, by_role


@require_safe
@by_role(can_administrate)
def shared_contacts(request: HttpRequest) -> HttpResponse:
    """List the shared contacts."""
    return directory.show_list(request, _shared(request))


@require_safe
@by_role(can_administrate)
def shared_contacts_export(request: HttpRequest, extension: str) -> HttpResponse:
    """Send them as a spreadsheet."""
    return directory.send_export(request, _shared(request), extension)


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def shared_contact_add(request: HttpRequest) -> HttpResponse:
    """Add a shared contact."""
    return directory.show_new(request, _shared(request))


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def shared_contact_edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Correct a shared contact."""
    return directory.show_one(request, _shared(request), contact_id)


@require_POST
@by_role(can_administrate)
def shared_contact_archive(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Withdraw a shared contact."""
    return directory.withdraw(request, _shared(request), contact_id)


@require_http_methods(["GET", "HEAD", "POST"])
@by_role(can_administrate)
def shared_contacts_import(request: HttpRequest) -> HttpResponse:
    """Read a spreadsheet of contacts and show what it would change."""
    return directory.show_import(request, _shared(request))


@require_POST
@by_role(can_administrate)
def shared_contacts_agree(request: HttpRequest) -> HttpResponse:
    """Write what the spreadsheet changes."""
    return directory.confirm_import(request, _shared(request))


def _shared(request: HttpRequest) -> directory.Directory:
    return directory.Directory.of(None, actor_of(request), can_edit=True)
