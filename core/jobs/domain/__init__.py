"""Verbs of the jobs app."""
