"""Rows of the journal."""

from core.audit.models.detail import AuditDetail
from core.audit.models.entry import AuditChain, AuditEntry

__all__ = ["AuditChain", "AuditDetail", "AuditEntry"]
