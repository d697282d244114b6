"""Tests of core.spreadsheets."""
