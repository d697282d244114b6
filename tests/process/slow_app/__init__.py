"""Kinds of jobs that last, or fail, as a test needs."""
