"""Spreadsheets in and out: guarded reading, safe writing, French conventions. No rows of its own."""
