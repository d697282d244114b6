"""Verbs of the documents app."""
