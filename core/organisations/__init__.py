"""Tenants and those they deal with: the CPTS and its territory, institutions, directory of contacts."""
