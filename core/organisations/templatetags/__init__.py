"""Tags of the organisations app."""
