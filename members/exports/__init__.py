"""Spreadsheets of this app."""
