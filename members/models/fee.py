"""Fees: scales that an assembly set, calls, payments. Rows of money are never rewritten.

What a call still expects is called, less what its payments come to; a mistake is mended by a second row.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.enums import Body, FeeState, MemberCategory, MemberKind, PaymentMeans, PaymentSource
from members.models.member import Member
from members.models.statutes import VotingCollege

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Civil years of which fees are kept: CPTS exist since 2016, and a slip of the pen is no year."""
LARGEST_FEE = 100_000
"""Euros: nobody's fee; a larger one is a slip of the pen."""

_MONEY = DecimalField(max_digits=12, decimal_places=2)


def _money(label: str, **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=9, decimal_places=2, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class FeeFigures:
    """What calls come to, in euros. called = received − overpaid + late + to_come + forgiven."""

    called: Decimal = Decimal(0)
    call_count: int = 0
    received: Decimal = Decimal(0)
    late: Decimal = Decimal(0)
    late_count: int = 0
    to_come: Decimal = Decimal(0)
    to_come_count: int = 0
    forgiven: Decimal = Decimal(0)
    exempt_count: int = 0
    overpaid: Decimal = Decimal(0)
    overpaid_count: int = 0
    cancelled_count: int = 0

    @property
    def kept(self) -> Decimal:
        """What came in for these calls, without what was paid too much."""
        return self.received - self.overpaid


class FeeScaleQuerySet(models.QuerySet["FeeScale"]):
    """The questions asked about scales."""

    def in_force(self) -> "FeeScaleQuerySet":
        """Those that no other one replaced."""
        return self.filter(replaced_by=None)


class FeeScale(models.Model):
    """What members of a category, of a kind and of a college pay for a civil year, and who decided so.

    Without a kind or a college it is that of all of them; the most precise one applies. `entry_fee` is added
    for the first year of membership (the guide, annexe 2, article 7: benefactors). A scale is never
    rewritten: another one replaces it, and calls made before keep theirs.
    """

    append_only = True

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="fee_scales", verbose_name="CPTS")
    year = models.PositiveSmallIntegerField("année")
    category = models.CharField("catégorie", max_length=12, choices=MemberCategory)
    kind = models.CharField("personne", max_length=8, choices=MemberKind, blank=True)
    college = models.ForeignKey(
        VotingCollege,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fee_scales",
        verbose_name="collège",
    )
    amount = _money("cotisation (euros)")
    entry_fee = _money("droit d’entrée (euros)", default=0)
    due_on = models.DateField("à payer avant le")
    decided_on = models.DateField("décidé le")
    decided_by = models.CharField("décidé par", max_length=16, choices=Body, default=Body.GENERAL_ASSEMBLY)
    decision_reference = models.CharField("référence de la décision", max_length=200)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="remplace"
    )
    recorded_at = models.DateTimeField("enregistré le")

    objects: ClassVar[FeeScaleQuerySet] = FeeScaleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "barème de cotisation"
        verbose_name_plural = "barèmes de cotisation"
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "year", "category", "kind"],
                condition=Q(replaces=None, college=None),
                name="members_feescale_first_once",
                violation_error_message="Ce barème existe déjà\u00a0: remplacez-le.",
            ),
            models.UniqueConstraint(
                fields=["cpts", "year", "category", "kind", "college"],
                condition=Q(replaces=None, college__isnull=False),
                name="members_feescale_first_of_college_once",
                violation_error_message="Ce barème existe déjà pour ce collège\u00a0: remplacez-le.",
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                name="members_feescale_year_possible",
                violation_error_message=f"L’année va de {FIRST_YEAR} à {LAST_YEAR}.",
            ),
            models.CheckConstraint(
                condition=Q(amount__range=(0, LARGEST_FEE), entry_fee__range=(0, LARGEST_FEE)),
                name="members_feescale_amounts_possible",
                violation_error_message="Un montant est positif, et de 100\u00a0000\u00a0€ au plus.",
            ),
            models.CheckConstraint(
                condition=Q(category__in=MemberCategory.values),
                name="members_feescale_category_known",
                violation_error_message="Cette catégorie est inconnue.",
            ),
            models.CheckConstraint(
                condition=Q(kind="") | Q(kind__in=MemberKind.values),
                name="members_feescale_kind_known",
                violation_error_message="Cette nature de personne est inconnue.",
            ),
            models.CheckConstraint(
                condition=~Q(decision_reference="") & Q(decided_by__in=Body.values),
                name="members_feescale_cites_decision",
                violation_error_message="Un barème cite la décision qui l’a fixé.",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | ~Q(replaces=F("pk")),
                name="members_feescale_not_itself",
                violation_error_message="Un barème ne se remplace pas lui-même.",
            ),
        ]

    def __str__(self) -> str:
        words = [self.get_category_display(), self.get_kind_display(), str(self.college or "")]
        return ", ".join(filter(None, words))


class FeeCampaign(models.Model):
    """How the fees of a civil year are reminded in a CPTS: whether, and how many days around the due date."""

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="fee_campaigns", verbose_name="CPTS")
    year = models.PositiveSmallIntegerField("année")
    reminders = models.BooleanField("relances automatiques", default=True)
    days_before = models.PositiveSmallIntegerField("rappel avant l’échéance (jours)", default=15)
    first_after = models.PositiveSmallIntegerField("première relance après l’échéance (jours)", default=15)
    second_after = models.PositiveSmallIntegerField("deuxième relance après l’échéance (jours)", default=45)
    message = models.TextField("message joint à l’appel", max_length=2000, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)

    class Meta:
        verbose_name = "campagne de cotisation"
        verbose_name_plural = "campagnes de cotisation"
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "year"],
                name="members_feecampaign_once",
                violation_error_message="La campagne de cette année existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(
                    days_before__lte=366,
                    first_after__gte=1,
                    second_after__gt=F("first_after"),
                    second_after__lte=366,
                ),
                name="members_feecampaign_steps_in_order",
                violation_error_message=(
                    "La première relance suit l’échéance et la deuxième suit la première, dans l’année."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Cotisations {self.year}"


class FeeCallQuerySet(models.QuerySet["FeeCall"]):
    """The questions asked about calls."""

    def calls(self) -> "FeeCallQuerySet":
        """Calls, cancelled or not, without the rows that cancel, whose amounts are below zero.

        Said by the amount: SQLite would look for "no cancelled call" in an index of that, through every CPTS.
        """
        return self.filter(amount__gt=0)

    def of(self, member: Member) -> "FeeCallQuerySet":
        """Calls of an entry of the registry, and of those merged into it."""
        return self.calls().filter(Q(member=member) | Q(member__merged_into=member))

    def standing(self) -> "FeeCallQuerySet":
        """Calls that none cancelled."""
        return self.calls().filter(cancelled_by=None)

    def with_sums(self) -> "FeeCallQuerySet":
        """With `paid`, what its payments come to, and `remaining`, in euros (less than 0: too much paid)."""
        paid = Coalesce(F("balance__paid"), Value(0), output_field=_MONEY)
        return self.annotate(paid=paid).annotate(
            remaining=ExpressionWrapper(F("amount") - F("paid"), output_field=_MONEY)
        )

    def with_state(self, day: date) -> "FeeCallQuerySet":
        """With `state` on `day` (a `FeeState`), besides the sums: late from the day after the due date."""
        exempt = Exists(
            FeeExemption.objects.in_force().filter(member=OuterRef("member"), year=OuterRef("year"))
        )
        cancelled = ExpressionWrapper(Q(cancelled_by__isnull=False), output_field=BooleanField())
        return self.with_sums().annotate(
            state=Case(
                When(cancelled, then=Value(FeeState.CANCELLED)),
                When(remaining__lt=0, then=Value(FeeState.OVERPAID)),
                When(remaining=0, then=Value(FeeState.PAID)),
                When(exempt, then=Value(FeeState.EXEMPT)),
                When(due_on__lt=day, then=Value(FeeState.LATE)),
                When(paid__gt=0, then=Value(FeeState.PARTLY_PAID)),
                default=Value(FeeState.DUE),
                output_field=CharField(),
            )
        )


class FeeCall(models.Model):
    """What a member is asked to pay for a civil year, or the row that cancels it, of the opposite amount.

    One stands for a member and a year: another one may be made once the first is cancelled (`replaces`).
    `entry_fee` is the part of `amount` that is the entry fee. Numbers follow each other in a year.
    """

    append_only = True

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="fee_calls", verbose_name="CPTS")
    member = models.ForeignKey(Member, models.PROTECT, related_name="fee_calls", verbose_name="inscrit")
    scale = models.ForeignKey(FeeScale, models.PROTECT, related_name="calls", verbose_name="barème")
    year = models.PositiveSmallIntegerField("année")
    number = models.PositiveIntegerField("numéro")
    amount = _money("montant (euros)")
    entry_fee = _money("dont droit d’entrée (euros)", default=0)
    called_on = models.DateField("appelé le")
    due_on = models.DateField("à payer avant le")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="remplace"
    )
    cancels = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="cancelled_by", verbose_name="annule"
    )
    reason = models.CharField("raison de l’annulation", max_length=300, blank=True)
    recorded_at = models.DateTimeField("enregistré le")

    objects: ClassVar[FeeCallQuerySet] = FeeCallQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "appel de cotisation"
        verbose_name_plural = "appels de cotisation"
        indexes = [models.Index(fields=["cpts", "year", "due_on"], name="members_feecall_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "year", "number"],
                name="members_feecall_number_once",
                violation_error_message="Ce numéro est déjà celui d’un autre appel.",
            ),
            models.UniqueConstraint(
                fields=["member", "year"],
                condition=Q(cancels=None, replaces=None),
                name="members_feecall_once_a_year",
                violation_error_message="Cette cotisation est déjà appelée.",
            ),
            models.CheckConstraint(
                condition=Q(
                    cancels=None, reason="", amount__gt=0, entry_fee__gte=0, entry_fee__lte=F("amount")
                )
                | Q(cancels__isnull=False, replaces=None, amount__lt=0, entry_fee__lte=0) & ~Q(reason=""),
                name="members_feecall_cancellation_says_why",
                violation_error_message=(
                    "Un appel a un montant positif\u00a0; une annulation l’oppose, et dit pourquoi."
                ),
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                name="members_feecall_year_possible",
                violation_error_message=f"L’année va de {FIRST_YEAR} à {LAST_YEAR}.",
            ),
            models.CheckConstraint(
                condition=Q(cancels__isnull=False) | Q(due_on__gte=F("called_on")),
                name="members_feecall_due_after_called",
                violation_error_message="Une cotisation se paie après avoir été appelée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number:04d}"


class FeePayment(models.Model):
    """Money that came in for a call, or went back: a negative amount is a refund, or cancels a payment.

    `once` names the form it was typed in: sent twice, it is recorded once.
    """

    append_only = True

    call = models.ForeignKey(FeeCall, models.PROTECT, related_name="payments", verbose_name="appel")
    amount = _money("montant (euros)")
    paid_on = models.DateField("payé le")
    means = models.CharField("moyen", max_length=8, choices=PaymentMeans)
    reference = models.CharField("référence", max_length=100, blank=True)
    source = models.CharField("origine", max_length=4, choices=PaymentSource, default=PaymentSource.HAND)
    once = models.UUIDField("formulaire", unique=True, default=uuid.uuid4, editable=False)
    cancels = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="cancelled_by", verbose_name="annule"
    )
    reason = models.CharField("raison", max_length=300, blank=True)
    recorded_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "règlement de cotisation"
        verbose_name_plural = "règlements de cotisation"
        indexes = [models.Index(fields=["call", "amount"], name="members_feepayment_sum")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(amount__range=(-LARGEST_FEE, LARGEST_FEE)),
                name="members_feepayment_amount_possible",
                violation_error_message="Un règlement a un montant, de 100\u00a0000\u00a0€ au plus.",
            ),
            models.CheckConstraint(
                condition=Q(cancels=None, amount__gt=0, reason="")
                | Q(cancels=None, amount__lt=0) & ~Q(reason="")
                | Q(cancels__isnull=False) & ~Q(reason=""),
                name="members_feepayment_counter_entry_says_why",
                violation_error_message="Un remboursement ou une annulation dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(means__in=PaymentMeans.values),
                name="members_feepayment_means_known",
                violation_error_message="Ce moyen de paiement est inconnu.",
            ),
        ]

    def __str__(self) -> str:
        return f"Règlement du {long_date(self.paid_on)}"


class FeeBalance(models.Model):
    """What the payments of a call come to: a copy, written with each of them, so that lists need no sum.

    A call without payments has none.
    """

    call = models.OneToOneField(
        FeeCall, models.PROTECT, primary_key=True, related_name="balance", verbose_name="appel"
    )
    paid = _money("reçu (euros)")

    class Meta:
        verbose_name = "solde d’un appel"
        verbose_name_plural = "soldes des appels"
        constraints = [
            models.CheckConstraint(
                condition=Q(paid__gte=0),
                name="members_feebalance_not_negative",
                violation_error_message="On ne rend pas plus que ce qui a été reçu.",
            )
        ]

    def __str__(self) -> str:
        return f"Solde de l’appel {self.call}"


class FeeExemptionQuerySet(models.QuerySet["FeeExemption"]):
    """The questions asked about exemptions."""

    def in_force(self) -> "FeeExemptionQuerySet":
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)


class FeeExemption(models.Model):
    """A member who owes nothing for a year, though their category pays; the reason says who decided so."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="fee_exemptions", verbose_name="inscrit")
    year = models.PositiveSmallIntegerField("année")
    reason = models.CharField("raison", max_length=300)
    recorded_at = models.DateTimeField("enregistrée le")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects: ClassVar[FeeExemptionQuerySet] = FeeExemptionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "exemption de cotisation"
        verbose_name_plural = "exemptions de cotisation"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "year"],
                condition=Q(withdrawn_at=None),
                name="members_feeexemption_once",
                violation_error_message="Cette personne est déjà exemptée pour cette année.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="members_feeexemption_says_why",
                violation_error_message="Une exemption dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                name="members_feeexemption_year_possible",
                violation_error_message=f"L’année va de {FIRST_YEAR} à {LAST_YEAR}.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("recorded_at")),
                name="members_feeexemption_dates_in_order",
                violation_error_message="Une exemption se retire après avoir été donnée.",
            ),
        ]

    def __str__(self) -> str:
        return f"Exemption {self.year}"
