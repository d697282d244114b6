"""Verbs of the notifications app."""
