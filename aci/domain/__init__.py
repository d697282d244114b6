"""Verbs of the aci app."""
