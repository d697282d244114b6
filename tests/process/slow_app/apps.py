"""Registers the kinds "tests.slow", "tests.mute" and "tests.fragile"."""

import os
import time
from pathlib import Path

from django.apps import AppConfig

from core.jobs.errors import JobError


def _write(job, word):
    """Add a line to the job's journal, in one write that no other process can cut."""
    with Path(job.payload["journal"]).open("a") as journal:
        journal.write(f"{word} {job.pk} {job.attempt} {os.getpid()}\n")


def _slow(job, report):
    _write(job, "start")
    for step in range(job.payload["steps"]):
        report(step * 100 // job.payload["steps"], f"Étape {step + 1}")
        time.sleep(0.1)
    _write(job, "end")


def _mute(job, _report):
    _write(job, "start")
    # One long call that reports nothing, as the layout of a large document is.
    time.sleep(job.payload["steps"] / 10)


def _fragile(job, _report):
    if not Path(job.payload["needs"]).exists():
        raise JobError("Le modèle du document manque.")


def _home(_job):
    return "Accueil", "/"


class SlowAppConfig(AppConfig):
    """See the package's docstring."""

    name = "tests.process.slow_app"

    def ready(self):
        """Make the kinds known."""
        from core.jobs.registry import JobKind, register_kind

        for name, run in (("tests.slow", _slow), ("tests.mute", _mute), ("tests.fragile", _fragile)):
            register_kind(JobKind(name, "Travail d’essai", run, _home, _home))
