"""How every page of a CPTS gets it: through what the visitor may see, and by the rule of the page."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from core.access.actors import Actor, HeldRole, HeldRoles
from core.access.verdict import RefusedError, Rule
from core.organisations.models import Cpts

View = Callable[..., HttpResponse]


def in_cpts(rule: Rule) -> Callable[[View], View]:
    """Give the view the CPTS of the address (`slug`), loaded through the tenant, if `rule` allows it.

    In: a rule (actor, CPTS) → verdict. Anonymous visitors sign in first. A CPTS that the current role does
    not see is a 404, unless another role of the same person does: the page then offers to take that role
    (403). A role that sees it without the right gets a 403 with the reason.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        @never_cache
        def loader(request: HttpRequest, slug: str, *args: object, **kwargs: object) -> HttpResponse:
            roles = roles_of(request)
            cpts = Cpts.objects.visible_to(roles.actor).filter(slug=slug).first()
            if cpts is None or roles.actor is None:
                return _offer_other_role(request, roles, slug)
            rule(roles.actor, cpts).require()
            return view(request, cpts, *args, **kwargs)

        return loader

    return decorate


def by_role(rule: Rule) -> Callable[[View], View]:
    """Let the view answer if `rule` (actor) → verdict allows it: pages that belong to no CPTS.

    Whoever holds no role has no such page (403).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        @never_cache
        def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            actor = roles_of(request).actor
            if actor is None:
                return render(request, "organisations/no_role.html", status=403)
            rule(actor).require()
            return view(request, *args, **kwargs)

        return checked

    return decorate


def roles_of(request: HttpRequest) -> HeldRoles:
    """Return what the visitor may act as (set by `cpts.middleware.held_roles`)."""
    roles: HeldRoles = request.roles  # type: ignore[attr-defined]
    return roles


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts, behind `in_cpts` or `by_role`; raises RefusedError for who holds no role."""
    actor = roles_of(request).actor
    if actor is None:
        raise RefusedError("Vous ne tenez aucun rôle sur la plateforme.")
    return actor


def _offer_other_role(request: HttpRequest, roles: HeldRoles, slug: str) -> HttpResponse:
    fitting = [held for held in roles.others if _sees(held, slug)]
    if not fitting:
        raise Http404("Cette CPTS n’existe pas, ou ne vous est pas ouverte.")
    return render(request, "organisations/other_role.html", {"fitting": fitting}, status=403)


def _sees(held: HeldRole, slug: str) -> bool:
    if held.slug:
        return held.slug == slug
    return Cpts.objects.visible_to(held.actor).filter(slug=slug).exists()
