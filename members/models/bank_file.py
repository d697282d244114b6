"""Payments read from the file of a bank or of a membership platform, before a person confirms them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.enums import BankLineState, MatchConfidence
from members.models.fee import LARGEST_FEE, FeeCall, FeePayment


class BankFile(models.Model):
    """A file of payments that somebody brought: its lines are confirmed one by one."""

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="bank_files", verbose_name="CPTS")
    name = models.CharField("fichier", max_length=150)
    is_platform = models.BooleanField("vient d’une plateforme d’adhésion", default=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="importé par"
    )
    imported_at = models.DateTimeField("importé le")
    line_count = models.PositiveIntegerField("lignes lues", default=0)
    known_count = models.PositiveIntegerField("lignes déjà importées", default=0)
    outgoing_count = models.PositiveIntegerField("lignes de débit", default=0)

    class Meta:
        verbose_name = "fichier de règlements"
        verbose_name_plural = "fichiers de règlements"

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """A credit of a file: the call it seems to pay, how sure that is and why, and what was decided.

    `fingerprint` is that of what the line says, and of its rank among the same lines of its file: read again
    from another file it is recognised, and never counted twice.
    """

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines", verbose_name="fichier")
    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="bank_lines", verbose_name="CPTS")
    row = models.PositiveIntegerField("ligne du fichier")
    fingerprint = models.CharField("empreinte", max_length=64)
    paid_on = models.DateField("date")
    amount = models.DecimalField("montant (euros)", max_digits=9, decimal_places=2)
    label = models.CharField("libellé", max_length=300, blank=True)
    payer = models.CharField("payeur", max_length=200, blank=True)
    email = models.CharField("adresse électronique", max_length=254, blank=True)
    reference = models.CharField("référence", max_length=100, blank=True)
    proposed = models.ForeignKey(
        FeeCall, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="appel proposé"
    )
    confidence = models.CharField("confiance", max_length=8, choices=MatchConfidence)
    reason = models.CharField("pourquoi", max_length=200)
    state = models.CharField(
        "décision", max_length=10, choices=BankLineState, default=BankLineState.TO_CONFIRM
    )
    payment = models.OneToOneField(
        FeePayment, models.PROTECT, null=True, blank=True, related_name="bank_line", verbose_name="règlement"
    )

    class Meta:
        verbose_name = "ligne de règlement"
        verbose_name_plural = "lignes de règlement"
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "fingerprint"],
                name="members_bankline_once",
                violation_error_message="Cette ligne a déjà été importée.",
            ),
            models.CheckConstraint(
                condition=Exact(Length("fingerprint"), 64),
                name="members_bankline_fingerprint_whole",
                violation_error_message="Une empreinte compte 64 caractères.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=LARGEST_FEE),
                name="members_bankline_amount_possible",
                violation_error_message="Un crédit est positif, et de 100\u00a0000\u00a0€ au plus.",
            ),
            models.CheckConstraint(
                condition=Q(state=BankLineState.RECORDED, payment__isnull=False)
                | Q(state__in=[BankLineState.TO_CONFIRM, BankLineState.SET_ASIDE], payment=None),
                name="members_bankline_recorded_has_payment",
                violation_error_message="Une ligne enregistrée a son règlement, et elle seule.",
            ),
            models.CheckConstraint(
                condition=Q(confidence=MatchConfidence.NONE, proposed=None)
                | ~Q(confidence=MatchConfidence.NONE) & Q(proposed__isnull=False),
                name="members_bankline_match_has_confidence",
                violation_error_message="Une correspondance proposée a une confiance, et elle seule.",
            ),
        ]

    def __str__(self) -> str:
        return f"{long_date(self.paid_on)}, {self.label or self.payer}"
