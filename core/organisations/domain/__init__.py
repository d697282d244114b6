"""Verbs of the organisations app."""
