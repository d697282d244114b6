"""Rows of the jobs app."""

from core.jobs.models.job import Job
from core.jobs.models.sign_of_life import SignOfLife

__all__ = ["Job", "SignOfLife"]
