"""The statutes that hold on a day."""

from datetime import date

from members.models import StatutesVersion


def statutes_on(cpts_id: int, day: date) -> StatutesVersion:
    """Return the version of the statutes of a CPTS in force on `day`.

    Before the first one recorded: an unsaved version with the defaults of the model statutes (`pk` is None),
    whose `starts_on` is `day`. One query.
    """
    found = StatutesVersion.objects.in_force(cpts_id, day)
    return found or StatutesVersion(cpts_id=cpts_id, starts_on=day)
