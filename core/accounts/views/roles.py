"""The switch between the roles of one person."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.access.sessions import ROLE_KEY
from core.organisations.views.tenant import roles_of


@require_POST
@login_required
def switch_role(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Act in another of one's roles, from now on; then open `suite`, or the home page of the role.

    The role of somebody else, or one that ended, is a 404 and changes nothing.
    """
    if assignment_id not in {held.assignment_id for held in roles_of(request).held}:
        raise Http404("Ce rôle n’est pas le vôtre.")
    request.session[ROLE_KEY] = assignment_id
    return redirect(_next_page(request))


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("suite", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else "/"
