"""Rows of the journal."""

from core.audit.models.entry import AuditChain, AuditEntry

__all__ = ["AuditChain", "AuditEntry"]
