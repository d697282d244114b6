"""Names that only one may bear."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction


def insert_named(row: models.Model, *, taken: str) -> None:
    """Check and insert a row whose `name` is its own; raises ValidationError by field.

    Of two people who give the same name in the same instant, the second passed the check too: the
    database's refusal is told by `taken`, a French sentence.
    """
    row.full_clean()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise ValidationError({"name": taken}) from None
