"""A person's own account: what it holds, and the name it shows."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.access.actors import PLATFORM
from core.accounts.domain.people import rename_person
from core.accounts.forms.people import NameForm
from core.accounts.models import User
from core.organisations.views.tenant import roles_of

_BY_ONESELF = "La personne a changé son propre nom."


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show who one is here, and what protects the account."""
    factors = list(Authenticator.objects.filter(user=_person(request)).order_by("pk"))
    codes = next((one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None)
    shown = {
        "has_app": any(one.type == Authenticator.Type.TOTP for one in factors),
        "keys": [str(one) for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
    }
    return render(request, "account/overview.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def rename(request: HttpRequest) -> HttpResponse:
    """Change the name that others see."""
    person = _person(request)
    posted = request.method == "POST"
    # Another object than the one the header shows: a refused name is not theirs.
    form = NameForm(request.POST if posted else None, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return render(request, "account/rename.html", {"form": form}, status=400 if posted else 200)
    # Somebody who holds no role has none to act in: the platform writes for them.
    actor = roles_of(request).actor or PLATFORM
    rename_person(person, **form.cleaned_data, by=actor, now=timezone.now(), note=_BY_ONESELF)
    messages.success(request, "Votre nom est enregistré.")
    return redirect("account")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # for the type checker: `login_required` stands above
    return request.user
