"""What the session of a visitor keeps."""

ROLE_KEY = "role"
"""The role its owner acts in: the number of an assignment."""
