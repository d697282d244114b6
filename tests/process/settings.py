"""Settings of the processes that these tests start: short patience, and a slow kind of job."""

from datetime import timedelta

from tests.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.process.slow_app"]
JOB_SILENCE_LIMIT = timedelta(seconds=2)
JOB_RING_AGAIN = timedelta(seconds=2)
CELERY_BEAT_SCHEDULE["jobs.sweep"]["schedule"] = 1.0
