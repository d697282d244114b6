"""Money that came in, set against the lines of a statement."""

from django.db import models
from django.db.models import Q

from aci.models import Contract
from core.ui.formatting import long_date
from funding.models.statement import StatementLine


class Receipt(models.Model):
    """One payment seen on the bank account; a mistake is mended by a second one that cancels it."""

    append_only = True

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="receipts", verbose_name="contrat")
    received_on = models.DateField("reçu le")
    amount = models.DecimalField("montant (euros)", max_digits=12, decimal_places=2)
    reference = models.CharField("référence bancaire", max_length=100, blank=True)
    cancels = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cancelled_by",
        verbose_name="annule",
    )
    reason = models.CharField("raison de l’annulation", max_length=300, blank=True)
    recorded_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "versement reçu"
        verbose_name_plural = "versements reçus"
        constraints = [
            models.CheckConstraint(
                condition=Q(cancels=None, reason="") | Q(cancels__isnull=False) & ~Q(reason=""),
                name="funding_receipt_cancellation_says_why",
                violation_error_message="Une annulation dit pourquoi.",
            )
        ]

    def __str__(self) -> str:
        return f"Versement du {long_date(self.received_on)}"


class ReceiptLine(models.Model):
    """A line of a statement that a receipt pays whole; a cancellation takes it back."""

    append_only = True

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", verbose_name="versement reçu")
    line = models.ForeignKey(
        StatementLine, models.PROTECT, related_name="receipt_lines", verbose_name="ligne de décompte"
    )

    class Meta:
        verbose_name = "ligne de versement reçu"
        verbose_name_plural = "lignes de versements reçus"
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "line"],
                name="funding_receiptline_once",
                violation_error_message="Cette ligne est déjà dans ce versement.",
            )
        ]

    def __str__(self) -> str:
        return str(self.line)
