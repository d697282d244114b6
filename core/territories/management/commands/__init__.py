"""Commands that build and load the geographic code."""
