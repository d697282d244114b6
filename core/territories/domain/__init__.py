"""Verbs of the territories app."""
