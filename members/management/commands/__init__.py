"""Commands that load the national directory."""
