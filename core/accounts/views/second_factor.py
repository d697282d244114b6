"""Pages of second factors: allauth's views, held to the rules of the house."""

from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as key_views
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.accounts.views.sign_in import form_page

security = form_page(base_views.index)
second_step = form_page(base_views.authenticate)
prove_again_by_code = form_page(base_views.reauthenticate)
add_app = form_page(app_views.activate_totp)
remove_app = form_page(app_views.deactivate_totp)
renew_codes = form_page(code_views.generate_recovery_codes)
add_key = form_page(key_views.add_webauthn)
prove_again_by_key = form_page(key_views.reauthenticate_webauthn)
sign_in_by_key = form_page(key_views.login_webauthn)
rename_key = form_page(key_views.EditWebAuthnView.as_view(success_url=reverse_lazy("mfa_index")))
remove_key = form_page(key_views.RemoveWebAuthnView.as_view(success_url=reverse_lazy("mfa_index")))


@require_safe
@never_cache
@login_required
@reauthentication_required(app="allauth.mfa")
def show_codes(request: HttpRequest) -> HttpResponse:
    """Show the recovery codes that are left; allauth's own page writes that they were seen, on a GET."""
    return render(request, "mfa/recovery_codes/index.html", {"codes": _codes_left(request)})


@require_safe
@never_cache
@login_required
@reauthentication_required(app="allauth.mfa")
def download_codes(request: HttpRequest) -> HttpResponse:
    """Give the recovery codes that are left as a text to keep, one a line."""
    lines = ["Codes de secours de la plateforme CPTS. Chacun sert une fois.", "", *_codes_left(request), ""]
    headers = {"Content-Disposition": 'attachment; filename="codes-de-secours.txt"'}
    return HttpResponse("\r\n".join(lines), content_type="text/plain; charset=utf-8", headers=headers)


def _codes_left(request: HttpRequest) -> list[str]:
    assert request.user.is_authenticated  # noqa: S101  # for the type checker: `login_required` stands above
    kept = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.RECOVERY_CODES).first()
    if kept is None:
        raise Http404
    codes: list[str] = kept.wrap().get_unused_codes()
    return codes
