"""Opening the space of somebody of the registry: what the coordination does, and who an address names."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.own_space import access_of, open_space, own_entry, tie_account, untie_account
from members.forms.space import AccountForm
from members.models import Member
from members.rules import can_edit_members, can_have_space
from members.views.entries import entry_or_404, kept_entry

View = Callable[..., HttpResponse]


def in_own_space(view: View) -> View:
    """Give the view the CPTS of the address and the visitor's own entry there; 404 for who has none."""

    @wraps(view)
    @in_cpts(can_have_space)
    def loader(request: HttpRequest, cpts: Cpts, *args: object, **kwargs: object) -> HttpResponse:
        entry = own_entry(cpts.pk, actor_of(request).user_id)
        if entry is None:
            raise Http404("Aucune fiche du registre n’est reliée à votre compte.")
        return view(request, cpts, entry, *args, **kwargs)

    return loader


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def space_access(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Show where the space of an entry stands; invite its person by their address."""
    member = _member(cpts, member_id)
    if request.method != "POST":
        return _page(request, member)
    try:
        invitation = open_space(member, by=actor_of(request), now=timezone.now())
    except ValidationError as error:
        return _page(request, member, refused=" ".join(error.messages))
    if invitation.has_left is False:
        messages.warning(
            request, "L’invitation n’est pas partie\u00a0: renvoyez-la depuis la page Personnes."
        )
    else:
        messages.success(
            request, f"{member.name} est invité à ouvrir son espace, à l’adresse {member.email}."
        )
    return redirect("members:space_access", cpts.slug, member.pk)


@require_POST
@in_cpts(can_edit_members)
def space_tie(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Tie the account that was chosen."""
    member = _member(cpts, member_id)
    form = AccountForm(request.POST, accounts=access_of(member).accounts)
    if not form.is_valid():
        return _page(request, member, form=form)
    try:
        tie_account(member, form.cleaned_data["account"], by=actor_of(request), now=timezone.now())
    except ValidationError as error:
        form.show(error)
        return _page(request, member, form=form)
    messages.success(request, "Le compte est relié à cette fiche.")
    return redirect("members:space_access", cpts.slug, member.pk)


@require_POST
@in_cpts(can_edit_members)
def space_untie(request: HttpRequest, cpts: Cpts, member_id: int) -> HttpResponse:
    """Take the account of an entry off."""
    member = _member(cpts, member_id)
    untie_account(member, by=actor_of(request), now=timezone.now())
    messages.success(request, "Le compte n’est plus relié à cette fiche. Son rôle reste, dans Personnes.")
    return redirect("members:space_access", cpts.slug, member.pk)


def _member(cpts: Cpts, member_id: int) -> Member:
    member = kept_entry(entry_or_404(cpts, member_id))
    if member.anonymised_at is not None:
        raise Http404("Cette inscription a été anonymisée.")
    return member


def _page(
    request: HttpRequest, member: Member, *, form: AccountForm | None = None, refused: str = ""
) -> HttpResponse:
    access = access_of(member)
    context = {
        "cpts": member.cpts,
        "member": member,
        "access": access,
        "form": form or AccountForm(accounts=access.accounts),
        "refused": refused,
    }
    status = 400 if form is not None or refused else 200
    return render(request, "members/space/access.html", context, status=status)
