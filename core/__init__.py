"""The ground every app stands on, as named sub-apps only."""
