"""Screens of the territories app."""
