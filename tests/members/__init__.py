"""Tests of the members app."""
