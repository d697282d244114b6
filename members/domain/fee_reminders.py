"""The hourly look at fees: who is to be reminded, once each, before and after the due date.

Nothing relies on being run exactly once a day, or by one process: a step is « due on or before », and the row
that says it was brought exists once. Rules of ours: somebody called within the days of the reminder before
the due date was just told; after a long absence the last step due is sent alone; who is suspended, or no
member any more, is not reminded by itself; a year is reminded until the end of the next one.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.access.actors import PLATFORM
from core.audit.domain.journal import record
from members.domain.fee_calls import new_notice
from members.domain.members import hold_registry
from members.enums import EXPECTING, FeeStep
from members.models import FeeCall, FeeCampaign, FeeNotice, Membership, Suspension

_BATCH = 500


def look_at_fees(*, now: datetime) -> int:
    """Write the notices of the reminders that are due, and return how many; their e-mails leave apart.

    In one transaction for each campaign, harmless when run twice at once.
    """
    year = timezone.localdate(now).year
    campaigns = FeeCampaign.objects.filter(reminders=True, year__gte=year - 1).order_by("pk")
    return sum(remind(pk, now=now) for pk in campaigns.values_list("pk", flat=True))


@transaction.atomic
def remind(campaign_id: int, *, now: datetime) -> int:
    """Write the notices due in one campaign, and return how many; looked at again, it writes nothing."""
    today = timezone.localdate(now)
    campaign = FeeCampaign.objects.select_related("cpts").get(pk=campaign_id)
    if not _is_any_due(campaign, today):
        return 0
    hold_registry(campaign.cpts)
    campaign.refresh_from_db()
    due = _due_steps(campaign, today) if campaign.reminders else ()
    notices = [new_notice(call, step, now=now) for call, step in due]
    if notices:
        FeeNotice.objects.bulk_create(notices, batch_size=_BATCH)
        note = f"{len(notices)} relance{'s' if len(notices) > 1 else ''} à envoyer."
        record("members.fees_reminded", campaign, by=PLATFORM, now=now, cpts_id=campaign.cpts_id, note=note)
    return len(notices)


def _is_any_due(campaign: FeeCampaign, today: date) -> bool:
    """Whether it is worth keeping others waiting: any call that comes to a step."""
    return any(True for _ in _due_steps(campaign, today))


def _due_steps(campaign: FeeCampaign, today: date) -> Iterator[tuple[FeeCall, FeeStep]]:
    for call in _expecting(campaign, today):
        told = {notice.step: notice.created_at for notice in call.notices.all()}
        step = due_step(campaign, call.called_on, call.due_on, today)
        if step is None or step in told or FeeStep.SECOND in told:
            continue
        gap = timedelta(days=campaign.second_after - campaign.first_after)
        first = told.get(FeeStep.FIRST)
        if step == FeeStep.SECOND and first and timezone.localdate(first) + gap > today:
            continue
        yield call, step


def _expecting(campaign: FeeCampaign, today: date) -> Iterator[FeeCall]:
    """Calls that still expect money, of members, and near enough to their due date."""
    in_force = Membership.objects.in_force(today).filter(member=OuterRef("member"))
    suspended = Suspension.objects.in_force(today).filter(membership__member=OuterRef("member"))
    calls = (
        FeeCall.objects.standing()
        .filter(
            Exists(in_force),
            ~Exists(suspended),
            cpts=campaign.cpts_id,
            year=campaign.year,
            due_on__lte=today + timedelta(days=campaign.days_before),
            member__anonymised_at=None,
        )
        .with_state(today)
    )
    found = calls.filter(Q(state__in=sorted(EXPECTING))).select_related("member").prefetch_related("notices")
    yield from found.order_by("pk").iterator(chunk_size=_BATCH)


def due_step(campaign: FeeCampaign, called_on: date, due_on: date, today: date) -> FeeStep | None:
    """Return the last step that a call came to on `today`, None before the first."""
    if today >= due_on + timedelta(days=campaign.second_after):
        return FeeStep.SECOND
    if today >= due_on + timedelta(days=campaign.first_after):
        return FeeStep.FIRST
    opens_on = due_on - timedelta(days=campaign.days_before)
    if campaign.days_before and called_on < opens_on <= today <= due_on:
        return FeeStep.BEFORE
    return None
