"""Rows of the funding app: money, never rewritten."""

from funding.models.due_notice import DueNotice
from funding.models.receipt import Receipt, ReceiptLine
from funding.models.statement import Statement, StatementLine

__all__ = ["DueNotice", "Receipt", "ReceiptLine", "Statement", "StatementLine"]
