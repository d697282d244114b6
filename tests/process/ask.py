"""What a web process does, and prints: the number of what it wrote, or the refusal.

`ask.py new KIND JSON` queues a job, `ask.py retry ID` runs one again, `ask.py receive CONTRACT LINE NAME`
records a receipt under this reference.
"""

import json
import sys
from datetime import datetime, timedelta

import django


def main(verb: str, *words: str) -> str:
    """Do as asked and return the job's number."""
    from django.utils import timezone

    from core.jobs.domain.jobs import enqueue_job, retry_job
    from core.jobs.models import Job

    now = timezone.now()
    if verb == "retry":
        return str(retry_job(Job.objects.get(pk=words[0]), now=now).pk)
    if verb == "receive":
        return _receive(*words, now=now)
    kind, payload = words
    hour = timedelta(hours=1)
    return str(enqueue_job(kind, payload=json.loads(payload), requester="", now=now, keep_for=hour).pk)


def _receive(contract_id: str, line_id: str, reference: str, *, now: datetime) -> str:
    from aci.models import Contract
    from core.access.actors import Actor
    from core.access.enums import Role
    from funding.domain.receipts import ReceiptError, record_receipt

    contract = Contract.objects.get(pk=contract_id)
    by = Actor(role=Role.TREASURER, user_id=1, cpts_id=contract.cpts_id)
    try:
        return str(record_receipt(contract, [int(line_id)], now.date(), reference, by=by, now=now).pk)
    except ReceiptError as error:
        return str(error)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(main(*sys.argv[1:]))
