"""The registry of a CPTS: natural and legal persons, their memberships, what the statutes say of them."""
