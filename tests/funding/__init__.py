"""Tests of the funding app."""
