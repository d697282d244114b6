"""Tags of the members app."""
