"""Closed lists of this app."""

from django.db.models import TextChoices


class JobState(TextChoices):
    """Where a job stands; the moves between states are in `domain/workflow.py`."""

    QUEUED = "queued", "En attente"
    RUNNING = "running", "En cours"
    DONE = "done", "Terminé"
    FAILED = "failed", "Interrompu"


ENDED = frozenset({JobState.DONE, JobState.FAILED})


class Process(TextChoices):
    """Long-lived processes that must give signs of life."""

    WORKER = "worker", "Exécution des travaux"
    SCHEDULER = "scheduler", "Planificateur"
