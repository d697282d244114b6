"""Due dates that came and were looked at, so that each is told once."""

from django.db import models

from aci.models import Contract


class DueNotice(models.Model):
    """The scheduler looked at a due date when it came, and told whoever held the treasury then.

    Nothing was told of what had been received already, or fell due before the contract was recorded here.
    Without this row, whoever is made treasurer later would be told of every past due date.
    """

    append_only = True

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="due_notices", verbose_name="contrat")
    due_on = models.DateField("échéance")
    told_at = models.DateTimeField("annoncée le")

    class Meta:
        verbose_name = "échéance annoncée"
        verbose_name_plural = "échéances annoncées"
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "due_on"],
                name="funding_duenotice_once",
                violation_error_message="Cette échéance a déjà été annoncée.",
            )
        ]

    def __str__(self) -> str:
        return f"Échéance du {self.due_on:%d/%m/%Y}"
