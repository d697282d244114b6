"""Verbs of money: simulate, compute, state."""
