"""Periods of membership, dated, of which none is ever written over."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.ui.formatting import long_date
from members.enums import (
    HELD_STATES,
    OPEN_STATES,
    Body,
    EndGround,
    MemberCategory,
    MembershipSource,
    MembershipState,
    RemovalGround,
    RemovalOutcome,
)
from members.models.statutes import VotingCollege

_DECIDED = (MembershipState.REFUSED, *sorted(HELD_STATES))


class MembershipQuerySet(models.QuerySet["Membership"]):
    """The questions asked about memberships."""

    def in_force(self, day: date) -> "MembershipQuerySet":
        """Periods that make somebody a member on `day`, suspended or not: one each at most."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), state__in=HELD_STATES, starts_on__lte=day)

    def to_decide(self) -> "MembershipQuerySet":
        """Applications that wait for a decision."""
        return self.filter(state=MembershipState.APPLIED)


class Membership(models.Model):
    """One period: application, decision, effect date, end. Each date is written once (`domain/workflow.py`).

    A member from `starts_on` to the eve of `ends_on`. `decided_by` is the body that the statutes in force
    named then. A change of category or college ends a period and begins the next on the same day. `typed`
    is what somebody known already gave otherwise in the public form, by field of `Member`; it goes with the
    decision.
    """

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="memberships", verbose_name="inscrit"
    )
    state = models.CharField("état", max_length=10, choices=MembershipState)
    category = models.CharField(
        "catégorie", max_length=12, choices=MemberCategory, default=MemberCategory.ACTIVE
    )
    college = models.ForeignKey(
        VotingCollege,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="collège",
    )
    source = models.CharField("origine", max_length=12, choices=MembershipSource)
    applied_on = models.DateField("demandée le")
    statutes_accepted_at = models.DateTimeField("statuts acceptés le", null=True, blank=True)
    decided_on = models.DateField("décidée le", null=True, blank=True)
    decided_by = models.CharField("décidée par", max_length=16, choices=Body, blank=True)
    decision_note = models.CharField("motif ou référence de la décision", max_length=500, blank=True)
    starts_on = models.DateField("membre du", null=True, blank=True)
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    end_ground = models.CharField("motif de fin", max_length=12, choices=EndGround, blank=True)
    end_note = models.CharField("précision sur la fin", max_length=500, blank=True)
    recorded_at = models.DateTimeField("enregistrée le")
    typed = models.JSONField("saisi autrement que dans la fiche", default=dict, db_default={}, blank=True)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "période d’adhésion"
        verbose_name_plural = "périodes d’adhésion"
        # By member first: read by state, the memberships of the whole country would come one by one.
        indexes = [
            models.Index(fields=["member", "state", "starts_on", "ends_on"], name="members_membership_held")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state__in=sorted(OPEN_STATES)),
                name="members_membership_one_open",
                violation_error_message="Cette personne a déjà une adhésion ou une demande en cours.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=MembershipState.values),
                name="members_membership_state_known",
                violation_error_message="Cet état d’adhésion est inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_DECIDED, decided_on__isnull=False) & ~Q(decided_by="")
                | Q(decided_on=None, decided_by="") & ~Q(state__in=_DECIDED),
                name="members_membership_decision_dated",
                violation_error_message="Une décision a une date et un organe\u00a0; une demande n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=False, state__in=sorted(HELD_STATES))
                | Q(starts_on=None) & ~Q(state__in=sorted(HELD_STATES)),
                name="members_membership_effect_of_admission",
                violation_error_message="Une adhésion admise a une date d’effet, et elle seule.",
            ),
            models.CheckConstraint(
                condition=Q(state=MembershipState.ENDED, ends_on__isnull=False) & ~Q(end_ground="")
                | Q(ends_on=None, end_ground="") & ~Q(state=MembershipState.ENDED),
                name="members_membership_end_has_ground",
                violation_error_message="Une adhésion terminée a une date et un motif, et elle seule.",
            ),
            models.CheckConstraint(
                condition=(Q(decided_on=None) | Q(decided_on__gte=F("applied_on")))
                & (Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))),
                name="members_membership_dates_in_order",
                violation_error_message="La décision suit la demande, et la fin suit la date d’effet.",
            ),
            models.CheckConstraint(
                condition=~Q(state=MembershipState.REFUSED) | ~Q(decision_note=""),
                name="members_membership_refusal_says_why",
                violation_error_message="Un refus dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        if self.starts_on is None:
            return f"Demande du {long_date(self.applied_on)}"
        return f"Adhésion du {long_date(self.starts_on)}"

    @property
    def last_day(self) -> date | None:
        """The last day of a period that ended, None when it goes on or never held a day."""
        if self.starts_on is None or self.ends_on is None or self.ends_on <= self.starts_on:
            return None
        return self.ends_on - timedelta(days=1)


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    """The questions asked about suspensions."""

    def in_force(self, day: date) -> "SuspensionQuerySet":
        """Suspensions that hold on `day`: one for each membership at most."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class Suspension(models.Model):
    """A membership in abeyance from `starts_on` to the eve of `ends_on`: no vote, no call, still there."""

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="suspensions", verbose_name="adhésion"
    )
    starts_on = models.DateField("suspendue du")
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    reason = models.CharField("motif", max_length=500)
    recorded_at = models.DateTimeField("enregistrée le")

    objects: ClassVar[SuspensionQuerySet] = SuspensionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "suspension"
        constraints = [
            models.UniqueConstraint(
                fields=["membership"],
                condition=Q(ends_on=None),
                name="members_suspension_one_open",
                violation_error_message="Cette adhésion est déjà suspendue.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="members_suspension_dates_in_order",
                violation_error_message="Une suspension finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="members_suspension_says_why",
                violation_error_message="Une suspension dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"Suspension du {long_date(self.starts_on)}"


class Removal(models.Model):
    """A procedure of radiation: ground, invitation to explain, hearing, decision (annexe 2, article 8).

    Nobody is removed who was not invited to explain: the decision comes after the invitation.
    """

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="removals", verbose_name="adhésion"
    )
    ground = models.CharField("motif", max_length=12, choices=RemovalGround)
    facts = models.TextField("faits reprochés", max_length=3000)
    opened_on = models.DateField("ouverte le")
    invited_on = models.DateField("invitation envoyée le", null=True, blank=True)
    hearing_on = models.DateField("explications attendues le", null=True, blank=True)
    hearing_place = models.CharField("lieu ou moyen", max_length=200, blank=True)
    explanations = models.TextField("explications reçues", max_length=3000, blank=True)
    outcome = models.CharField("issue", max_length=8, choices=RemovalOutcome, blank=True)
    decided_on = models.DateField("décidée le", null=True, blank=True)
    decided_by = models.CharField("décidée par", max_length=16, choices=Body, blank=True)
    decision_note = models.CharField("motif de la décision", max_length=500, blank=True)
    recorded_at = models.DateTimeField("enregistrée le")
    revision = models.PositiveIntegerField("révision", default=1)

    class Meta:
        verbose_name = "procédure de radiation"
        verbose_name_plural = "procédures de radiation"
        constraints = [
            models.UniqueConstraint(
                fields=["membership"],
                condition=Q(outcome=""),
                name="members_removal_one_open",
                violation_error_message="Une procédure de radiation est déjà ouverte.",
            ),
            models.CheckConstraint(
                condition=Q(ground__in=RemovalGround.values) & ~Q(facts=""),
                name="members_removal_has_ground",
                violation_error_message="Une procédure a un motif et des faits.",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_on=None)
                | ~Q(outcome="") & Q(decided_on__isnull=False) & ~Q(decision_note=""),
                name="members_removal_decision_dated",
                violation_error_message="Une issue a une date et un motif.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=RemovalOutcome.REMOVED)
                | Q(invited_on__isnull=False, decided_on__gte=F("invited_on")) & ~Q(decided_by=""),
                name="members_removal_invited_before",
                violation_error_message="Nul n’est radié sans avoir été invité à s’expliquer.",
            ),
            models.CheckConstraint(
                condition=(Q(invited_on=None) | Q(invited_on__gte=F("opened_on")))
                & (Q(hearing_on=None) | Q(invited_on__isnull=False, hearing_on__gte=F("invited_on"))),
                name="members_removal_dates_in_order",
                violation_error_message="L’invitation suit l’ouverture, et l’audition suit l’invitation.",
            ),
        ]

    def __str__(self) -> str:
        return f"Procédure du {long_date(self.opened_on)}"
