"""What higher apps may listen to."""

from django.dispatch import Signal

contract_changed = Signal()
"""A contract was recorded or revised, or one of its rates was: what follows from its terms is out of date.

Sent with `sender=Contract`, `contract` (read again, with its terms), `by`, `now` and `reason` (French, "" at
the signature), inside the transaction of the write: a listener that raises takes the write back.
"""
