"""The Celery application: the same tasks and worker on Redis and on the embedded broker."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpts.settings")

app = Celery("cpts")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
