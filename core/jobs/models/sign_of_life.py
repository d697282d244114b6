"""Last time each long-lived process showed that it works."""

from django.db import models
from django.db.models import Q

from core.jobs.enums import Process


class SignOfLife(models.Model):
    """One row per kind of process, rewritten at each sign."""

    name = models.CharField("processus", max_length=20, choices=Process, unique=True)
    at = models.DateTimeField("vu le")
    detail = models.CharField("précision", max_length=200, blank=True)

    class Meta:
        verbose_name = "signe de vie"
        verbose_name_plural = "signes de vie"
        constraints = [
            models.CheckConstraint(
                condition=Q(name__in=Process.values),
                name="jobs_signoflife_name_known",
                violation_error_message="Ce processus est inconnu.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()} ({self.at:%d/%m/%Y %H:%M:%S})"
