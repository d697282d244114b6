"""Screens of money."""
