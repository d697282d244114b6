"""Scales of fees: what the assembly decided, written down, replaced by another decision, never rewritten."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, record, snapshot
from core.organisations.models import Cpts
from members.domain.members import hold_registry
from members.enums import MemberCategory
from members.models import FeeCampaign, FeeScale
from members.rules import can_keep_fees

SCALE_KEY = ("year", "category", "kind", "college")
SCALE_VALUES = ("amount", "entry_fee", "due_on", "decided_on", "decided_by", "decision_reference")
CAMPAIGN_FIELDS = ("reminders", "days_before", "first_after", "second_after", "message")


@transaction.atomic
def set_scale(cpts: Cpts, values: Mapping[str, Any], *, by: Actor, now: datetime) -> FeeScale:
    """Record what an assembly decided, in the place of the scale of the same members, and return it.

    In: every value of SCALE_KEY and SCALE_VALUES, amounts in euros. The very scale in force is returned as it
    is. Calls made before keep theirs. Raises ValidationError by field, RefusedError.
    """
    can_keep_fees(by, cpts).require()
    hold_registry(cpts)
    scale = FeeScale(cpts=cpts, recorded_at=now, **values)
    _check(scale, today=timezone.localdate(now))
    former = (
        FeeScale.objects.in_force().filter(cpts=cpts, **{name: values[name] for name in SCALE_KEY}).first()
    )
    if former and all(getattr(former, name) == values[name] for name in SCALE_VALUES):
        return former
    scale.replaces = former
    scale.full_clean()
    scale.save(force_insert=True)
    changes = created(snapshot(scale, (*SCALE_KEY, *SCALE_VALUES)))
    record("members.fee_scale_set", scale, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    return scale


def _check(scale: FeeScale, *, today: date) -> None:
    errors = {}
    if scale.category == MemberCategory.HONORARY:
        errors["category"] = "Les membres d’honneur sont dispensés de cotisation."
    if scale.college is not None and scale.college.cpts_id != scale.cpts_id:
        errors["college"] = "Ce collège n’est pas de cette CPTS."
    if scale.decided_on > today:
        errors["decided_on"] = "Un barème s’enregistre une fois décidé\u00a0: cette date est à venir."
    if abs(scale.due_on.year - scale.year) > 1:
        errors["due_on"] = f"Une cotisation de {scale.year} se paie autour de cette année-là."
    if errors:
        raise ValidationError(errors)


def scale_for(
    scales: Iterable[FeeScale], *, category: str, kind: str, college_id: int | None
) -> FeeScale | None:
    """Return the most precise scale of these that applies to a member: by college first, then by kind."""
    fitting = [
        scale
        for scale in scales
        if scale.category == category and scale.kind in ("", kind) and scale.college_id in (None, college_id)
    ]
    return max(fitting, key=lambda scale: (scale.college_id is not None, scale.kind != ""), default=None)


def scales_of(cpts: Cpts, year: int) -> list[FeeScale]:
    """Return the scales in force of a year, in the order of categories. One query."""
    found = FeeScale.objects.in_force().filter(cpts=cpts, year=year).select_related("college")
    ranks = {category: rank for rank, category in enumerate(MemberCategory.values)}
    return sorted(found, key=lambda scale: (ranks[scale.category], scale.kind, scale.college_id or 0))


def campaign_of(cpts: Cpts, year: int) -> FeeCampaign:
    """Return how the fees of a year are reminded, as kept or with our defaults (unsaved then)."""
    found = FeeCampaign.objects.filter(cpts=cpts, year=year).first()
    return found or FeeCampaign(cpts=cpts, year=year)


@transaction.atomic
def set_campaign(
    cpts: Cpts, year: int, values: Mapping[str, Any], *, revision: int, by: Actor, now: datetime
) -> FeeCampaign:
    """Say how the fees of a year are reminded.

    In: every value of CAMPAIGN_FIELDS, the revision they are typed on. What is already so writes nothing.
    Raises StaleError, ValidationError by field, RefusedError.
    """
    can_keep_fees(by, cpts).require()
    hold_registry(cpts)
    campaign = campaign_of(cpts, year)
    before = snapshot(campaign, CAMPAIGN_FIELDS)
    for name in CAMPAIGN_FIELDS:
        setattr(campaign, name, values[name])
    changes = changed(before, snapshot(campaign, CAMPAIGN_FIELDS))
    if not changes:
        return campaign
    if campaign.revision != revision:
        raise StaleError
    if campaign.pk:
        campaign.revision += 1
    campaign.full_clean()
    campaign.save()
    record("members.fee_campaign_set", campaign, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    return campaign


def total_of(scale: FeeScale, *, is_first_year: bool) -> tuple[Decimal, Decimal]:
    """Return what a scale asks, and the part of it that is the entry fee, due for the first year alone."""
    entry_fee = scale.entry_fee if is_first_year else Decimal(0)
    return scale.amount + entry_fee, entry_fee
