"""The journal: every write, who did it and as what, chained so that a missing or altered row shows."""
