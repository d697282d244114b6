"""Verbs of the journal."""
