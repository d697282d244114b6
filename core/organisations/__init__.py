"""Associations (CPTS), institutions and their directory."""
