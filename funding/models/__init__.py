"""Rows of the funding app: money, never rewritten."""

from funding.models.receipt import Receipt, ReceiptLine
from funding.models.statement import Statement, StatementLine

__all__ = ["Receipt", "ReceiptLine", "Statement", "StatementLine"]
