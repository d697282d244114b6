"""The ACI contract: parties, missions, amendments, dialogue de gestion, activity report."""
