"""Settings of the processes that these tests start: short patience, a slow kind of job, e-mails in files."""

from datetime import timedelta

from tests.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.process.slow_app"]
JOB_SILENCE_LIMIT = timedelta(seconds=2)
JOB_RING_AGAIN = timedelta(seconds=2)
CELERY_BEAT_SCHEDULE["jobs.sweep"]["schedule"] = 1.0
# Two schedulers ring for both; the embedded queue gives about two messages a second to each worker.
for name in ("funding.look_at_contracts", "notifications.send_mails"):
    CELERY_BEAT_SCHEDULE[name] |= {"schedule": 3.0, "options": {"expires": 3}}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
