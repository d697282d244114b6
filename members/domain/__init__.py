"""What may be done to the registry: one verb, one transaction, one entry of the journal."""
