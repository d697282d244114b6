"""Catalogue of indicators, measurements and their evidence."""
