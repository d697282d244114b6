"""Applications from the public form: whoever applies is answered alike, known or not, member or not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.accounts.models import RoleAssignment
from core.audit.domain.journal import record
from core.jobs.domain.limits import count_attempt
from core.jobs.errors import RateLimitedError
from core.notifications.domain.messages import notify
from core.organisations.models import Cpts
from core.ui.folding import fold
from members.domain.members import PlaceValues, add_member, filled, hold_registry, take_main_place
from members.domain.memberships import apply_for_membership
from members.domain.names import fold_names
from members.domain.periods import overlapped
from members.domain.representatives import RepresentativeValues, change_representative
from members.enums import MembershipSource, MembershipState
from members.models import AdmissionDesk, Member, Membership

logger = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)
# An assembly where everybody applies on the spot is far below.
_MOST_FOR_A_CPTS = 300
_COMPARED = (
    "last_name", "first_name", "profession", "exercise_mode", "rpps", "structure_kind", "finess", "siret",
    "email", "phone", "commune_name",
)  # fmt: skip
_FROM_FORM = "Formulaire public"


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody typed: values of `Member`, where they practise, who speaks for a structure."""

    values: Mapping[str, Any]
    places: tuple[PlaceValues, ...] = ()
    representative: RepresentativeValues | None = None


class DeskClosedError(Exception):
    """The association takes no application from its public form."""


def receive_application(cpts: Cpts, application: Application, *, requester: str, now: datetime) -> None:
    """Take an application, statutes accepted, and acknowledge it by e-mail on commit.

    Who is a member, or applied already, is answered as the others are, and nothing is written: an address
    open to everybody tells nothing of the registry. `requester` is an opaque name of who asks
    (`core.jobs.requesters`). Raises DeskClosedError, RateLimitedError above CPTS_APPLICATIONS_PER_HOUR,
    ValidationError by field.
    """
    if not AdmissionDesk.objects.is_open(cpts.pk):
        raise DeskClosedError
    count_attempt("members.application", requester, per_hour=settings.APPLICATIONS_PER_HOUR, now=now)
    with transaction.atomic():
        hold_registry(cpts)
        _refuse_a_flood(cpts, now=now)
        if membership := _written(cpts, application, now=now):
            _tell_coordinators(cpts, membership, now=now)
        transaction.on_commit(partial(_acknowledge, cpts, application.values["email"], now))


def _refuse_a_flood(cpts: Cpts, *, now: datetime) -> None:
    recent = Membership.objects.filter(
        member__cpts=cpts.pk, source=MembershipSource.FORM, recorded_at__gt=now - _HOUR
    )
    if recent.count() >= _MOST_FOR_A_CPTS:
        logger.warning("more than %s applications in an hour for %s", _MOST_FOR_A_CPTS, cpts.slug)
        raise RateLimitedError(limit=_MOST_FOR_A_CPTS, wait=_HOUR)


def _written(cpts: Cpts, application: Application, *, now: datetime) -> Membership | None:
    """Write what is new in an application; None when there is nothing to write."""
    draft = filled(Member(cpts=cpts, number=1, created_at=now), application.values)
    take_main_place(draft, application.places)
    known = _known(fold_names(draft))
    applied_on = localdate(now)
    if known is None:
        member = add_member(
            cpts, application.values, places=application.places, by=PLATFORM, now=now, note=_FROM_FORM
        )
        if application.representative:
            change_representative(
                member, application.representative, starts_on=applied_on, seen=None, by=PLATFORM, now=now
            )
    elif _has_nothing_to_ask(known, now=now):
        return None
    else:
        member = known
    return apply_for_membership(
        member,
        applied_on=applied_on,
        source=MembershipSource.FORM,
        statutes_accepted_at=now,
        typed=_differences(member, draft) if known else {},
        by=PLATFORM,
        now=now,
        note=_FROM_FORM,
    )


def _known(draft: Member) -> Member | None:
    """Return the entry that this is, for sure: same RPPS; else same name, with the same address or commune.

    An address alone is no proof: a practice often has one for all. The coordination sees what resembles.
    """
    entries = Member.objects.listed().filter(cpts=draft.cpts, kind=draft.kind)
    if draft.rpps and (same := entries.filter(rpps=draft.rpps).first()):
        return same
    commune = Q(commune_code=draft.commune_code) & ~Q(commune_code="")
    same_place = commune | Q(commune_name__iexact=draft.commune_name) & ~Q(commune_name="")
    namesakes = entries.filter(same_place | Q(email__iexact=draft.email), sort_name=draft.sort_name)
    # Two people of one name have two RPPS: a number typed that is not theirs tells them apart.
    return next((each for each in namesakes.order_by("pk") if _may_be(each, draft)), None)


def _may_be(entry: Member, draft: Member) -> bool:
    return not (entry.rpps and draft.rpps)


def _has_nothing_to_ask(member: Member, *, now: datetime) -> bool:
    periods = list(Membership.objects.filter(member=member.pk))
    waits = any(each.state == MembershipState.APPLIED for each in periods)
    return waits or overlapped(localdate(now), None, periods) is not None


def _differences(known: Member, draft: Member) -> dict[str, str]:
    """What the applicant gives and the registry says otherwise, by field; case and accents do not count."""
    typed = {name: str(getattr(draft, name)) for name in _COMPARED}
    return {
        name: value
        for name, value in typed.items()
        if value and fold(value) != fold(str(getattr(known, name)))
    }


def _tell_coordinators(cpts: Cpts, membership: Membership, *, now: datetime) -> None:
    """Tell the coordination once a day that applications come: an assembly brings fifty in an hour."""
    held = RoleAssignment.objects.active().filter(cpts=cpts.pk, role=Role.COORDINATOR)
    day = localdate(now)
    is_admitted = membership.state == MembershipState.ADMITTED
    todo = "Les statuts admettent sans décision\u00a0: vérifiez sa fiche." if is_admitted else "À décider."
    notify(
        held.values_list("user", flat=True),
        f"members.applications:{cpts.pk}:{day.isoformat()}",
        title="Une demande d’adhésion est arrivée",
        body=(
            f"Elle vient du formulaire public de {cpts.name}. {todo}\n"
            "Les suivantes de la journée s’ajoutent à la liste sans autre message."
        ),
        path=reverse("members:applications", args=[cpts.slug]),
        cpts=cpts,
        now=now,
    )


def _acknowledge(cpts: Cpts, email: str, now: datetime) -> None:
    """Tell the applicant that it arrived: once an hour for one address, whoever types it."""
    try:
        count_attempt("members.acknowledgement", f"{cpts.pk}:{email.lower()}", per_hour=1, now=now)
    except RateLimitedError:
        return
    words = {"cpts": cpts, "site_url": settings.SITE_URL}
    subject = " ".join(render_to_string("members/email/application_subject.txt", words).split())
    body = render_to_string("members/email/application.txt", words)
    try:
        send_mail(subject, body, None, [email])
    except (OSError, SMTPException):
        logger.exception("the receipt of an application could not be sent")


@transaction.atomic
def set_desk(cpts: Cpts, *, is_open: bool, by: Actor, now: datetime) -> AdmissionDesk:
    """Open or close the public form of a CPTS, and return its desk; as it already is, nothing is written."""
    hold_registry(cpts)
    desk = AdmissionDesk.objects.select_for_update(of=("self",)).filter(cpts=cpts).first()
    if desk is None:
        desk = AdmissionDesk(cpts=cpts, is_open=False, since=now)
    if desk.is_open == is_open:
        return desk
    desk.is_open, desk.since = is_open, now
    desk.save()
    verb = "applications_opened" if is_open else "applications_closed"
    record(f"members.{verb}", desk, by=by, now=now, cpts_id=cpts.pk)
    return desk
