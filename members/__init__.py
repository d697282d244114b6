"""Registry of natural and legal persons: memberships, fees, mandates, assemblies."""
