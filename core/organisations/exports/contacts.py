"""The directory of contacts as a spreadsheet."""

from collections.abc import Iterable

from core.organisations.domain.contact_import import COLUMNS, shown_value
from core.organisations.models import Contact
from core.spreadsheets.writing import Column, Sheet

_WIDTHS = {"institution": 36, "person": 26, "function": 30, "email": 32, "address": 44, "kind": 28}


def contact_list(contacts: Iterable[Contact]) -> Sheet:
    """Return the contacts in the form the import reads back: nothing but a header and rows."""
    columns = [Column(label, width=_WIDTHS.get(name, 16)) for name, label in COLUMNS.items()]
    rows = [[shown_value(contact, name) for name in COLUMNS] for contact in contacts]
    return Sheet(name="Annuaire", columns=columns, rows=rows)
