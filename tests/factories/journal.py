"""What the journal tells, read in tests."""

from core.audit.domain.details import Told, told_by
from core.audit.models import AuditEntry


def told(entry: AuditEntry) -> Told:
    """Return the label, the changes and the note of an entry, wherever they are kept."""
    return told_by([entry])[0]
