"""The procedure of radiation: opened, the member invited, heard, then decided."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.actors import Actor
from core.organisations.models import Cpts
from core.organisations.views.tenant import in_cpts
from members.domain.removal_letter import letter_of, letters_of, request_letter
from members.domain.removals import decide_removal, invite_to_explain, note_explanations, open_removal
from members.domain.statutes import statutes_on
from members.enums import Body, MembershipState
from members.forms.membership import (
    ExplanationsForm,
    InvitationForm,
    MembershipForm,
    OutcomeForm,
    RemovalForm,
)
from members.models import Removal
from members.rules import can_decide_memberships
from members.views.entries import entry_or_404
from members.views.membership import METHODS, Typed, answer, membership_or_404


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def removal_open(request: HttpRequest, cpts: Cpts, member_id: int, membership_id: int) -> HttpResponse:
    """Open the procedure against a member."""
    membership = membership_or_404(cpts, member_id, membership_id)
    is_open = membership.removals.filter(outcome="").exists()

    def does(form: MembershipForm, by: Actor, now: datetime) -> object:
        typed = form.typed
        return open_removal(membership, typed["ground"], typed["facts"], typed["opened_on"], by=by, now=now)

    page = {
        "title": "Ouvrir une procédure de radiation",
        "intro": (
            "Nul n’est radié sans avoir été invité à s’expliquer\u00a0: la procédure mène à une lettre, "
            "puis à une décision. Elle peut s’arrêter à tout moment."
        ),
        "button": "Ouvrir la procédure",
        "done": "La procédure est ouverte. Invitez maintenant la personne à s’expliquer.",
    }
    is_possible = membership.state == MembershipState.ADMITTED and not is_open
    return answer(request, cpts, membership.member, RemovalForm, does, page, is_possible=is_possible)


@require_safe
@in_cpts(can_decide_memberships)
def removal(request: HttpRequest, cpts: Cpts, member_id: int, removal_id: int) -> HttpResponse:
    """Show a procedure, step by step, and what may be done next."""
    found = _removal(cpts, member_id, removal_id)
    body = statutes_on(cpts.pk, found.decided_on or timezone.localdate()).removal_body
    letter = letter_of(found)
    context = {
        "cpts": cpts,
        "member": found.membership.member,
        "removal": found,
        "letter": letter,
        "former_letters": [each for each in letters_of(found) if each != letter],
        "body": Body(found.decided_by or body).label,
    }
    return render(request, "members/membership/removal.html", context)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def removal_invite(request: HttpRequest, cpts: Cpts, member_id: int, removal_id: int) -> HttpResponse:
    """Invite the member to explain: the letter is made by a worker."""
    found = _removal(cpts, member_id, removal_id)

    def does(form: MembershipForm, by: Actor, now: datetime) -> object:
        typed = form.typed
        days = typed["invited_on"], typed["hearing_on"]
        place, revision = typed["hearing_place"], typed["revision"]
        return invite_to_explain(found, *days, place, revision=revision, by=by, now=now)

    page = {
        "title": "Inviter à s’expliquer",
        "intro": "La lettre se prépare en PDF. Envoyez-la en recommandé, ou remettez-la contre signature.",
        "button": "Préparer la lettre",
        "done": "L’invitation est enregistrée. La lettre est prête dans quelques instants.",
    }
    initial = {"hearing_place": found.hearing_place, "hearing_on": found.hearing_on}
    return _step(request, found, InvitationForm, does, page, initial)


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def removal_explain(request: HttpRequest, cpts: Cpts, member_id: int, removal_id: int) -> HttpResponse:
    """Note what the member explained."""
    found = _removal(cpts, member_id, removal_id)

    def does(form: MembershipForm, by: Actor, now: datetime) -> object:
        typed = form.typed
        return note_explanations(found, typed["explanations"], revision=typed["revision"], by=by, now=now)

    page = {
        "title": "Noter les explications",
        "intro": "Qui décide doit pouvoir les lire.",
        "button": "Enregistrer les explications",
        "done": "Les explications sont enregistrées.",
    }
    return _step(request, found, ExplanationsForm, does, page, {"explanations": found.explanations})


@require_http_methods(METHODS)
@in_cpts(can_decide_memberships)
def removal_decide(request: HttpRequest, cpts: Cpts, member_id: int, removal_id: int) -> HttpResponse:
    """Record how the procedure ended."""
    found = _removal(cpts, member_id, removal_id)

    def does(form: MembershipForm, by: Actor, now: datetime) -> object:
        typed = form.typed
        decided = typed["outcome"], typed["decided_on"], typed["note"]
        return decide_removal(found, *decided, revision=typed["revision"], by=by, now=now)

    body = statutes_on(cpts.pk, timezone.localdate()).removal_body
    page = {
        "title": "Enregistrer l’issue de la procédure",
        "intro": f"Organe qui décide, d’après les statuts\u00a0: {Body(body).label.lower()}.",
        "button": "Enregistrer l’issue",
        "done": "L’issue de la procédure est enregistrée.",
    }
    return _step(request, found, OutcomeForm, does, page, {})


@require_POST
@in_cpts(can_decide_memberships)
def removal_letter(request: HttpRequest, cpts: Cpts, member_id: int, removal_id: int) -> HttpResponse:
    """Show the making of the letter, asked for again where it failed; 404 before any invitation."""
    found = _removal(cpts, member_id, removal_id)
    if found.invited_on is None:
        raise Http404("Personne n’a encore été invité.")
    return redirect("jobs:detail", request_letter(found, now=timezone.now()).pk)


def _removal(cpts: Cpts, member_id: int, removal_id: int) -> Removal:
    found = Removal.objects.filter(pk=removal_id, membership__member=entry_or_404(cpts, member_id))
    removal = found.select_related("membership__member__cpts").first()
    if removal is None:
        raise Http404("Cette procédure n’existe pas.")
    return removal


def _step(
    request: HttpRequest,
    found: Removal,
    form_type: type[MembershipForm],
    does: Callable[[MembershipForm, Actor, datetime], object],
    page: dict[str, str],
    initial: Typed,
) -> HttpResponse:
    member = found.membership.member
    return answer(
        request,
        member.cpts,
        member,
        form_type,
        does,
        page,
        is_possible=not found.outcome,
        initial=initial | {"revision": found.revision},
        back_url=reverse("members:removal", args=[member.cpts.slug, member.pk, found.pk]),
    )
