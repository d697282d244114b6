"""Registers the kinds "tests.slow", "tests.mute" and "tests.fragile"; lets a test stop an import midway."""

import os
import time
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from core.jobs.errors import JobError

STOP_IMPORT, STOPPED_IMPORT = "stop-import", "stopped-import"


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


def _stopping(written):
    """Return what writes an import's journal, but stays there for ever once, where a file asks for it.

    It comes last: all the rows are in, nothing is committed.
    """

    def write(*args, **options):
        asked = settings.DATA_DIR / STOP_IMPORT
        if asked.exists():
            asked.rename(settings.DATA_DIR / STOPPED_IMPORT)
            time.sleep(600)
        return written(*args, **options)

    return write


def _home(_job):
    return "Accueil", "/"


class SlowAppConfig(AppConfig):
    """See the package's docstring."""

    name = "tests.process.slow_app"

    def ready(self):
        """Make the kinds known."""
        from core.jobs.registry import JobKind, register_kind
        from members.domain import import_writing

        for name, run in (("tests.slow", _slow), ("tests.mute", _mute), ("tests.fragile", _fragile)):
            register_kind(JobKind(name, "Travail d’essai", run, _home, _home))
        import_writing.record_members = _stopping(import_writing.record_members)
