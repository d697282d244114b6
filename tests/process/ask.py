"""What a web process does: `ask.py new KIND JSON` queues a job and prints its number, `ask.py retry ID`."""

import json
import sys
from datetime import timedelta

import django


def main(verb: str, *words: str) -> str:
    """Do as asked and return the job's number."""
    from django.utils import timezone

    from core.jobs.domain.jobs import enqueue_job, retry_job
    from core.jobs.models import Job

    now = timezone.now()
    if verb == "retry":
        return str(retry_job(Job.objects.get(pk=words[0]), now=now).pk)
    kind, payload = words
    hour = timedelta(hours=1)
    return str(enqueue_job(kind, payload=json.loads(payload), requester="", now=now, keep_for=hour).pk)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(main(*sys.argv[1:]))
