"""A piece of work done outside of the request, and all that is known about it."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.jobs.enums import ENDED, JobState

# Claims granted to a job, and again each time a person asks to run it once more.
CLAIMS_GRANTED = 3


class JobQuerySet(models.QuerySet["Job"]):
    """The questions asked about jobs."""

    def made_for(self, requester: str, kind: str, *, since: datetime) -> "JobQuerySet":
        """Jobs of a kind asked by a requester after `since`."""
        return self.filter(requester=requester, kind=kind, created_at__gt=since)

    def unanswered(self, *, now: datetime, patience: timedelta) -> "JobQuerySet":
        """Queued jobs whose bell nobody answered within `patience`, oldest first."""
        waiting = self.filter(state=JobState.QUEUED, rung_at__lte=now - patience, expires_at__gt=now)
        return waiting.order_by("created_at")

    def silent(self, *, now: datetime, patience: timedelta) -> "JobQuerySet":
        """Running jobs whose worker gave no sign of life within `patience`."""
        return self.filter(state=JobState.RUNNING, heartbeat_at__lte=now - patience)

    def expired(self, *, now: datetime) -> "JobQuerySet":
        """Jobs that may be forgotten: past their date, and nobody at work on them."""
        return self.filter(expires_at__lte=now).exclude(state=JobState.RUNNING)


class Job(models.Model):
    """The truth about one job; the broker's message only says that there is one.

    `attempt` numbers the claims of a worker: what an earlier attempt writes is refused. `attempt_limit`
    is the last number that may be claimed before the job is declared failed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=60)
    payload = models.JSONField("données", default=dict, blank=True)
    state = models.CharField("état", max_length=10, choices=JobState, default=JobState.QUEUED)
    progress = models.PositiveSmallIntegerField("avancement (%)", default=0)
    progress_label = models.CharField("étape", max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField("tentative", default=0)
    attempt_limit = models.PositiveSmallIntegerField("dernière tentative", default=CLAIMS_GRANTED)
    requester = models.CharField("demandeur (empreinte)", max_length=64, blank=True)
    unique_key = models.CharField("clé d’unicité", max_length=200, null=True, blank=True, unique=True)
    created_at = models.DateTimeField("demandé le")
    rung_at = models.DateTimeField("annoncé le")
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    heartbeat_at = models.DateTimeField("dernier signe de vie", null=True, blank=True)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    expires_at = models.DateTimeField("conservé jusqu’au")
    error = models.CharField("raison de l’échec", max_length=500, blank=True)

    objects: ClassVar[JobQuerySet] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "travail"
        verbose_name_plural = "travaux"
        indexes = [
            models.Index(fields=["state", "rung_at"], name="jobs_job_waiting"),
            models.Index(fields=["requester", "kind", "created_at"], name="jobs_job_requester"),
            models.Index(fields=["expires_at"], name="jobs_job_expiry"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=JobState.values),
                name="jobs_job_state_known",
                violation_error_message="L’état du travail est inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100),
                name="jobs_job_progress_range",
                violation_error_message="L’avancement va de 0 à 100\u00a0%%.",
            ),
            models.CheckConstraint(
                condition=Q(attempt__lte=F("attempt_limit")),
                name="jobs_job_attempt_within_limit",
                violation_error_message="Le travail a été tenté plus de fois que permis.",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.QUEUED)
                | Q(started_at=None, heartbeat_at=None, finished_at=None, progress=0, error=""),
                name="jobs_job_queued_is_blank",
                violation_error_message="Un travail en attente n’a encore ni date de début, ni avancement.",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING)
                | Q(
                    started_at__isnull=False,
                    heartbeat_at__isnull=False,
                    finished_at=None,
                    attempt__gte=1,
                    error="",
                ),
                name="jobs_job_running_is_dated",
                violation_error_message="Un travail en cours a une date de début et un signe de vie.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(ENDED))
                | Q(started_at__isnull=False, finished_at__isnull=False),
                name="jobs_job_ended_is_dated",
                violation_error_message="Un travail terminé a une date de début et une date de fin.",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.DONE) | Q(progress=100, error=""),
                name="jobs_job_done_is_complete",
                violation_error_message="Un travail terminé est complet et sans erreur.",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.FAILED) | ~Q(error=""),
                name="jobs_job_failed_says_why",
                violation_error_message="Un travail interrompu dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(started_at__gte=F("created_at")),
                name="jobs_job_started_after_creation",
                violation_error_message="Un travail commence après avoir été demandé.",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")),
                name="jobs_job_finished_after_start",
                violation_error_message="Un travail finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="jobs_job_expires_after_creation",
                violation_error_message="Un travail est conservé après avoir été demandé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.get_state_display()})"

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing more will happen unless somebody asks for it."""
        return self.state in ENDED

    def is_expired(self, *, now: datetime) -> bool:
        """Tell whether its result is no longer kept."""
        return self.expires_at <= now
