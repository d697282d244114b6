"""Pages of sign-in and passwords: allauth's views, held to the rules of the house."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


def form_page(view: View) -> View:
    """Return an allauth view whose pages are never kept and whose refused forms answer 400."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 400
        return response

    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(page))


sign_in = form_page(allauth_views.login)
sign_out = form_page(allauth_views.logout)
closed_account = form_page(allauth_views.account_inactive)
prove_again = form_page(allauth_views.reauthenticate)
lost_password = form_page(allauth_views.password_reset)
link_sent = form_page(allauth_views.password_reset_done)
password_chosen = form_page(allauth_views.password_reset_from_key_done)
change_password = form_page(allauth_views.password_change)
first_password = form_page(
    reauthentication_required(app="allauth.account")(
        allauth_views.PasswordSetView.as_view(success_url=reverse_lazy("account"))
    )
)

_choose_password = form_page(allauth_views.PasswordResetFromKeyView.as_view(reset_url_key="choix"))


@never_cache
def choose_password(request: HttpRequest, uidb36: str, key: str) -> HttpResponse:
    """Let the person of a link choose a password, once nobody else is signed in on this browser.

    allauth signs the other person out as soon as the link is opened: a link must not do that by itself.
    """
    if request.user.is_authenticated:
        return render(request, "account/signed_in_already.html")
    return _choose_password(request, uidb36=uidb36, key=key)
