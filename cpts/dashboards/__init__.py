"""Home pages of the roles: what matters today, what to do next."""
