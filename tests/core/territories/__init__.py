"""Tests of core.territories."""
