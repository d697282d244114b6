"""The logo: its image, and changing it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.organisations.domain.logo import logo_hash, remove_logo, replace_logo
from core.organisations.forms.logo import LogoForm
from core.organisations.models import Cpts
from core.organisations.rules import can_edit_association, can_see_cpts
from core.organisations.views.tenant import actor_of, in_cpts


@require_safe
@in_cpts(can_see_cpts)
def logo(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Send the image, which is always a PNG of our own drawing."""
    if not cpts.logo:
        raise Http404("Cette CPTS n’a pas de logo.")
    try:
        with cpts.logo.open() as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404("Le fichier du logo n’est plus là.") from error
    response = HttpResponse(content, content_type="image/png")
    response["Content-Disposition"] = 'inline; filename="logo.png"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_association)
def logo_edit(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for an image, then keep it."""
    posted = request.method == "POST"
    form = LogoForm(request.POST, request.FILES) if posted else LogoForm()
    if not posted or not form.is_valid():
        context = {"cpts": cpts, "form": form, "logo_hash": logo_hash(cpts)}
        return render(request, "organisations/association_logo.html", context, status=400 if posted else 200)
    replace_logo(cpts, form.cleaned_data["image"], by=actor_of(request), now=timezone.now())
    messages.success(request, "Le logo est enregistré.")
    return redirect(cpts)


@require_POST
@in_cpts(can_edit_association)
def logo_remove(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Take the logo away."""
    remove_logo(cpts, by=actor_of(request), now=timezone.now())
    messages.success(request, "Le logo est retiré.")
    return redirect(cpts)
