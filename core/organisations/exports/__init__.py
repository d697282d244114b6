"""Spreadsheets of the organisations app."""
